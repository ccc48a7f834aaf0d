package io.github.lorascope;

import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * What a test needs that a machine may lack: without it the test is skipped, with the reason
 * printed, but fails under {@code CI=true}, where nothing may go untested.
 */
public abstract class Prerequisite implements ExecutionCondition {
  /** Says what is missing; null if nothing is. */
  protected abstract String obstacle();

  @Override
  public final ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    return decide(context.getDisplayName(), obstacle(), "true".equals(System.getenv("CI")));
  }

  static ConditionEvaluationResult decide(
      String test, String obstacle, boolean continuousIntegration) {
    if (obstacle == null) {
      return ConditionEvaluationResult.enabled("nothing is missing");
    }
    if (continuousIntegration) {
      Assertions.fail(obstacle);
    }
    System.out.println(test + " is skipped: " + obstacle);
    return ConditionEvaluationResult.disabled(obstacle);
  }
}
