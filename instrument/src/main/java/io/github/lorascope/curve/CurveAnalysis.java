package io.github.lorascope.curve;

import io.github.lorascope.json.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Reads a curve: how long it stays near a level, where its mean changes, and where it moves
 * fastest.
 *
 * <pre>{@code
 * import io.github.lorascope.curve.StepSeries;
 *
 * Curves curves = CurveAnalysis.of(folder);
 * curves.get("loss").flatMap(loss -> loss.plateau()).ifPresent(System.out::println);
 * curves.get("loss").ifPresent(loss -> System.out.println(loss.changePoints()));
 * curves.write(folder);
 *
 * StepSeries late = StepSeries.read(folder.resolve("gradients.jsonl"), "late");
 * CurveAnalysis analysis = CurveAnalysis.standard().penalty(6);
 * System.out.println(analysis.analyse("late", late.steps(), late.values()).steepest());
 * double[] smoothed = analysis.smooth(late);
 * }</pre>
 *
 * <p>Give it values as they were measured. A mean over past steps, such as {@code smoothed_loss},
 * has no noise from step to step left, and its change points come late and too many.
 *
 * <p>Change points are those of a piecewise constant mean (PELT: R. Killick, P. Fearnhead, I. A.
 * Eckley, 2012). The noise is estimated from the middle 80% of the differences of neighbouring
 * points, over the whole curve and in each neighbourhood, of which the larger counts; a cut has to
 * save more than the penalty in squared deviations over noise. A ramp has no one place: it becomes
 * a staircase of change points of the same sign, the more the higher it is in units of the noise. A
 * fall of ten steps of a long curve is one; a loss that goes on sinking for hundreds is several.
 *
 * <p>Instances are immutable and may be shared between threads.
 */
public final class CurveAnalysis {
  private static final double TOLERANCE = 0.05;
  private static final double PENALTY = 4;
  private static final int LEAST_POINTS = 4;
  private static final int LEAST_PLATEAU = 10;

  private final OptionalDouble level;
  private final double tolerance;
  private final double penalty;
  private final int shortest;
  private final int window;

  private CurveAnalysis(
      OptionalDouble level, double tolerance, double penalty, int shortest, int window) {
    this.level = level;
    this.tolerance = tolerance;
    this.penalty = penalty;
    this.shortest = shortest;
    this.window = window;
  }

  /**
   * An analysis that looks for no plateau, with a penalty of 4 ln n a cut, segments of n / 20
   * points or more (within 5 and 10), and a smoothing window of n / 20 points (within 5 and 101),
   * where n is how many points a series has.
   *
   * @return the analysis
   */
  public static CurveAnalysis standard() {
    return new CurveAnalysis(OptionalDouble.empty(), TOLERANCE, PENALTY, 0, 0);
  }

  /**
   * The standard analysis of a loss of two classes: its plateau is within 0.05 of ln 2, the loss of
   * guessing.
   *
   * @return the analysis
   */
  public static CurveAnalysis ofLoss() {
    return standard().near(Math.log(2), TOLERANCE);
  }

  /**
   * Looks for a plateau: a stretch of 10 points or more, and of a twentieth of the series, in which
   * the smoothed curve is near a level and a straight line through it changes by no more than
   * {@code within}. A curve that passes through the level goes all the way from one side to the
   * other and has none.
   *
   * @param value the level
   * @param within how far the smoothed curve may be from it, 0 or more
   * @return such an analysis
   */
  public CurveAnalysis near(double value, double within) {
    if (!Double.isFinite(value) || !(within >= 0)) {
      throw new IllegalArgumentException("a plateau within " + within + " of " + value);
    }
    return new CurveAnalysis(OptionalDouble.of(value), within, penalty, shortest, window);
  }

  /**
   * Sets what a cut has to save. In simulations of 200 independent values without a change 4 cuts
   * none of 600 normal series, and 3 in a thousand where single values stand far out; of 20 normal
   * values it cuts 3 in a hundred.
   *
   * @param factor of the logarithm of the number of points, above 0
   * @return such an analysis
   */
  public CurveAnalysis penalty(double factor) {
    if (!(factor > 0)) {
      throw new IllegalArgumentException("a penalty of " + factor + ": it must be above 0");
    }
    return new CurveAnalysis(level, tolerance, factor, shortest, window);
  }

  /**
   * Sets the shortest segment.
   *
   * @param points at least 2
   * @return such an analysis
   */
  public CurveAnalysis shortestSegment(int points) {
    if (points < 2) {
      throw new IllegalArgumentException("segments of " + points + " points: 2 at least");
    }
    return new CurveAnalysis(level, tolerance, penalty, points, window);
  }

  /**
   * Sets how much is smoothed: the weights of a window of so many points fall to its ends, so that
   * the middle half counts most.
   *
   * @param points an odd number, at least 3
   * @return such an analysis
   */
  public CurveAnalysis window(int points) {
    if (points < 3 || points % 2 == 0) {
      throw new IllegalArgumentException(
          "a window of " + points + " points: it must be odd and at least 3");
    }
    return new CurveAnalysis(level, tolerance, penalty, shortest, points);
  }

  /**
   * Analyses the curves of a run: {@code loss} (plateau near ln 2), {@code accuracy} and {@code
   * eval_accuracy} (near 0.5) and {@code gradient_norm} of {@code metrics.jsonl}, {@code
   * gradients.early}, {@code gradients.middle} and {@code gradients.late} where there is a {@code
   * gradients.jsonl}, and what else is named. Those that the run does not have are left out.
   *
   * @param folder the run's folder
   * @param more further series, as file and field, such as {@code gradients.norm[3]} for the fourth
   *     element of the list {@code norm} of {@code gradients.jsonl}
   * @return the curves, with the run's provenance
   * @throws CurveException if the folder has no {@code metrics.jsonl}, lacks a series that was
   *     named, or a series cannot be read
   * @throws io.github.lorascope.json.JsonException if a file is malformed
   */
  public static Curves of(Path folder, String... more) {
    Path metrics = folder.resolve("metrics.jsonl");
    List<Curve> curves = new ArrayList<>();
    CurveAnalysis share = standard().near(0.5, TOLERANCE);
    ofLoss().add("loss", StepSeries.read(metrics, "loss"), curves);
    share.add("accuracy", StepSeries.read(metrics, "accuracy"), curves);
    share.add("eval_accuracy", StepSeries.read(metrics, "eval_accuracy"), curves);
    standard().add("gradient_norm", StepSeries.read(metrics, "gradient_norm"), curves);
    Path gradients = folder.resolve("gradients.jsonl");
    if (Files.exists(gradients)) {
      for (String group : List.of("early", "middle", "late")) {
        standard().add("gradients." + group, StepSeries.read(gradients, group), curves);
      }
    }
    for (String name : more) {
      int dot = name.indexOf('.');
      if (dot < 1) {
        throw new IllegalArgumentException(
            "'" + name + "' is no file and field, such as gradients.late");
      }
      Path file = folder.resolve(name.substring(0, dot) + ".jsonl");
      StepSeries series = StepSeries.read(file, name.substring(dot + 1));
      if (series.steps().length == 0) {
        throw new CurveException("no line of " + file + " has a " + name.substring(dot + 1));
      }
      standard().add(name, series, curves);
    }
    Path provenance = folder.resolve("provenance.json");
    return new Curves(Files.exists(provenance) ? Json.read(provenance).texts() : Map.of(), curves);
  }

  private void add(String name, StepSeries series, List<Curve> curves) {
    if (series.steps().length > 0) {
      curves.add(analyse(name, series.steps(), series.values()));
    }
  }

  /**
   * Analyses a series. One of fewer than two shortest segments has no change points, one that the
   * window does not fit in no steepest place.
   *
   * @param name what to call it
   * @param steps finite and ascending
   * @param values a value a step; NaN and infinities are gaps
   * @return what was found
   */
  public Curve analyse(String name, double[] steps, double[] values) {
    StepSeries series = new StepSeries(steps, values).finite();
    LocalLine smooth = LocalLine.fit(series, side(series.steps().length));
    return new Curve(
        name,
        level.isPresent() ? plateau(series, smooth, level.getAsDouble()) : Optional.empty(),
        changePoints(series),
        steepest(series, smooth));
  }

  /**
   * Smooths a series by straight lines through the neighbourhood of every point (W. S. Cleveland,
   * 1979); its ends are neither flattened nor late.
   *
   * @param series the series
   * @return the smoothed curve, a value a step; NaN where the series has a gap
   */
  public double[] smooth(StepSeries series) {
    StepSeries finite = series.finite();
    double[] values = LocalLine.fit(finite, side(finite.steps().length)).values();
    double[] smoothed = new double[series.values().length];
    int next = 0;
    for (int i = 0; i < smoothed.length; i++) {
      smoothed[i] = Double.isFinite(series.values()[i]) ? values[next++] : Double.NaN;
    }
    return smoothed;
  }

  /** Half a window, the point in the middle not counted. */
  private int side(int points) {
    return window > 0 ? window / 2 : within(points / 40, 2, 50);
  }

  private static int within(int value, int least, int most) {
    return Math.max(least, Math.min(most, value));
  }

  /** The longest stretch near the level that is long enough and level. */
  private Optional<Plateau> plateau(StepSeries series, LocalLine smooth, double near) {
    int n = smooth.values().length;
    int least = Math.max(LEAST_PLATEAU, n / 20);
    int bestFrom = 0;
    int bestTo = -1;
    int from = 0;
    for (int i = 0; i <= n; i++) {
      if (i < n && Math.abs(smooth.values()[i] - near) <= tolerance) {
        continue;
      }
      if (i - from >= least
          && (bestTo < 0 || length(series, from, i - 1) > length(series, bestFrom, bestTo))
          && Math.abs(smooth.trend(series, from, i)) <= tolerance) {
        bestFrom = from;
        bestTo = i - 1;
      }
      from = i + 1;
    }
    if (bestTo < 0) {
      return Optional.empty();
    }
    double mean = Arrays.stream(series.values(), bestFrom, bestTo + 1).average().orElse(Double.NaN);
    return Optional.of(new Plateau(series.steps()[bestFrom], series.steps()[bestTo], near, mean));
  }

  private static double length(StepSeries series, int from, int to) {
    return series.steps()[to] - series.steps()[from];
  }

  private List<ChangePoint> changePoints(StepSeries series) {
    double[] values = series.values();
    int n = values.length;
    int segment = shortest > 0 ? shortest : within(n / 20, 5, 10);
    if (n < Math.max(LEAST_POINTS, 2 * segment)) {
      return List.of();
    }
    double[] noise = NoiseLevel.of(values);
    if (noise[0] == 0) {
      return List.of(); // a constant: the whole curve's noise is the least anywhere
    }
    List<Integer> cuts = OptimalPartition.cuts(values, noise, penalty * Math.log(n), segment);
    List<ChangePoint> changes = new ArrayList<>();
    for (int i = 0; i < cuts.size(); i++) {
      int cut = cuts.get(i);
      double before = mean(values, i == 0 ? 0 : cuts.get(i - 1), cut);
      double after = mean(values, cut, i + 1 < cuts.size() ? cuts.get(i + 1) : n);
      changes.add(new ChangePoint(series.steps()[cut], before, after));
    }
    return changes;
  }

  private static double mean(double[] values, int from, int to) {
    return Arrays.stream(values, from, to).average().orElseThrow();
  }

  /** Only where the whole window counts: the slope at an end hangs on few points. */
  private Optional<Steepest> steepest(StepSeries series, LocalLine smooth) {
    int n = series.steps().length;
    int side = side(n);
    if (n <= 2 * side) {
      return Optional.empty();
    }
    double sign = smooth.values()[n - 1] < smooth.values()[0] ? -1 : 1;
    int best = side;
    for (int i = side; i < n - side; i++) {
      best = sign * smooth.slopes()[i] > sign * smooth.slopes()[best] ? i : best;
    }
    double slope = smooth.slopes()[best];
    return sign * slope > 0
        ? Optional.of(new Steepest(series.steps()[best], slope))
        : Optional.empty();
  }
}
