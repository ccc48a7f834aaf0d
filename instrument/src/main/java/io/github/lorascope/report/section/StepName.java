package io.github.lorascope.report.section;

import io.github.lorascope.report.data.RunFiles;
import io.github.lorascope.report.html.NumberText;
import java.util.OptionalDouble;

/**
 * What a model is called by the step of its training: what was recorded first and last need not be
 * what was there before and after.
 */
final class StepName {
  static final String BEFORE = "before";
  static final String AFTER = "after";

  private StepName() {}

  /** Names the model after so many steps. */
  static String of(double step, RunFiles files) {
    if (step == 0) {
      return BEFORE;
    }
    OptionalDouble last = files.summary().number("steps"); // written at the end alone
    return last.isPresent() && last.getAsDouble() == step
        ? AFTER
        : "step " + NumberText.count(step);
  }
}
