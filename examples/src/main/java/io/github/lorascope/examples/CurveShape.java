package io.github.lorascope.examples;

import io.github.lorascope.curve.ChangePoint;
import io.github.lorascope.curve.Curve;
import io.github.lorascope.curve.CurveAnalysis;
import io.github.lorascope.curve.Curves;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Plateau and cliffs of a training. */
@Command(
    name = "CurveShape",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Finds the plateau near ln 2 and every change point in the curves of a run.")
public final class CurveShape implements Callable<Integer> {
  @Mixin private RunFolderOption run;

  /** For picocli. */
  public CurveShape() {}

  /**
   * Runs the program.
   *
   * @param arguments see {@code --help}
   */
  public static void main(String[] arguments) {
    Main.run(new CurveShape(), arguments);
  }

  @Override
  public Integer call() {
    look(run.folder);
    return 0;
  }

  static void look(Path run) {
    Curves curves = CurveAnalysis.of(run);
    curves.write(run);
    for (Curve curve : curves.series()) {
      System.out.println(curve.name());
      curve
          .plateau()
          .ifPresent(
              p ->
                  System.out.printf(
                      Locale.ROOT,
                      "  near %.3f from step %.0f to %.0f, mean %.4f%n",
                      p.level(),
                      p.from(),
                      p.to(),
                      p.mean()));
      curve
          .steepest()
          .ifPresent(
              s ->
                  System.out.printf(
                      Locale.ROOT, "  steepest at step %.0f: %+.5f a step%n", s.step(), s.slope()));
      for (ChangePoint change : curve.changePoints()) {
        System.out.printf(
            Locale.ROOT,
            "  step %.0f: %.4f to %.4f%n",
            change.step(),
            change.before(),
            change.after());
      }
    }
  }
}
