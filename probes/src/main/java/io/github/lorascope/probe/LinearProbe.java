package io.github.lorascope.probe;

import io.github.lorascope.data.PairExample;
import io.github.lorascope.metric.Proportion;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Asks how well a line through the features tells two labels apart: L2-regularised logistic
 * regression, judged by stratified cross-validation. With its defaults it fits what scikit-learn's
 * {@code LogisticRegression(C=1)} and {@code StratifiedKFold} (no shuffling) fit.
 *
 * <pre>{@code
 * LinearProbe probe = LinearProbe.crossValidated(5).standardize(true).controlTask(42);
 * LinearProbe.Result result = probe.fit(states, labels); // a row an example; labels are 0 or 1
 * System.out.println(result.accuracy()); // 0.8425 [0.8036, 0.8750] (337 of 400)
 * System.out.println(result.control().orElseThrow()); // the same probe on shuffled labels
 * System.out.printf("selectivity %.3f%n", result.selectivity().orElseThrow());
 * double[] direction = result.coefficients(); // what it reads the label from
 * double probability = result.predictProbability(states[0]); // of label 1
 * }</pre>
 *
 * Instances are immutable and may be shared between threads.
 */
public final class LinearProbe {
  private final int folds;
  private final double c;
  private final boolean standardize;
  private final Optional<Long> controlSeed;

  private LinearProbe(int folds, double c, boolean standardize, Optional<Long> controlSeed) {
    this.folds = folds;
    this.c = c;
    this.standardize = standardize;
    this.controlSeed = controlSeed;
  }

  /**
   * A probe with c = 1, features as they are, and no control.
   *
   * @param folds how many parts the samples are dealt to, at least 2
   * @return the probe
   */
  public static LinearProbe crossValidated(int folds) {
    if (folds < 2) {
      throw new IllegalArgumentException("Cross-validation needs 2 folds or more, not " + folds);
    }
    return new LinearProbe(folds, 1, false, Optional.empty());
  }

  /**
   * Sets the weight of the data against the penalty.
   *
   * @param inverseStrength above 0; smaller values regularise more
   * @return a probe with that weight
   */
  public LinearProbe c(double inverseStrength) {
    if (!(inverseStrength > 0) || Double.isInfinite(inverseStrength)) {
      throw new IllegalArgumentException("c is " + inverseStrength + "; it must be above 0");
    }
    return new LinearProbe(folds, inverseStrength, standardize, controlSeed);
  }

  /**
   * Chooses whether features are brought to mean 0 and variance 1 over the samples trained on.
   *
   * @param value true where features differ much in size, as in a residual stream
   * @return a probe that does so
   */
  public LinearProbe standardize(boolean value) {
    return new LinearProbe(folds, c, value, controlSeed);
  }

  /**
   * Adds a second, equal probe of shuffled labels: what it reaches by chance, where labels have
   * nothing to do with features. That is one draw of a permutation test, which varies about one
   * half as the accuracy of a probe without any signal does. It is not the control task of Hewitt
   * and Liang ("Designing and interpreting probes with control tasks", 2019), whose labels hang on
   * the word and can be learnt by a probe that is large enough.
   *
   * @param seed of the shuffle; other seeds give other draws
   * @return a probe with a control
   */
  public LinearProbe controlTask(long seed) {
    return new LinearProbe(folds, c, standardize, Optional.of(seed));
  }

  /**
   * What a probe found.
   *
   * @param folds accuracy on each held-out fold
   * @param control accuracy over all folds with shuffled labels, where it was asked for
   * @param model fitted to all samples, for features in their own units
   */
  public record Result(List<Proportion> folds, Optional<Proportion> control, LinearModel model) {
    /** Copies the list. */
    public Result {
      folds = List.copyOf(folds);
    }

    /**
     * Accuracy over all held-out samples.
     *
     * @return the proportion with its interval
     */
    public Proportion accuracy() {
      return pool(folds);
    }

    /**
     * The mean of the folds' accuracies, which differs from {@link #accuracy()} where folds differ
     * in size.
     *
     * @return a value from 0 to 1
     */
    public double meanAccuracy() {
      return folds.stream().mapToDouble(Proportion::accuracy).average().orElse(Double.NaN);
    }

    /**
     * How far the accuracy is above that on shuffled labels.
     *
     * @return accuracy less control accuracy, empty where there was no control
     */
    public OptionalDouble selectivity() {
      return control.isPresent()
          ? OptionalDouble.of(accuracy().accuracy() - control.get().accuracy())
          : OptionalDouble.empty();
    }

    /**
     * The weights of the model.
     *
     * @return one value a feature
     */
    public double[] coefficients() {
      return model.weights();
    }

    /**
     * The intercept of the model.
     *
     * @return the log-odds where every feature is 0
     */
    public double intercept() {
      return model.intercept();
    }

    /**
     * The probability of label 1.
     *
     * @param x one sample
     * @return a value from 0 to 1
     */
    public double predictProbability(float[] x) {
      return model.predictProbability(x);
    }
  }

  /**
   * Fits to samples in arrays.
   *
   * @param x [n][d]
   * @param labels [n], 0 or 1
   * @return what was found
   * @throws ProbeException if samples are ragged, not finite, of one label or too few
   */
  public Result fit(float[][] x, int[] labels) {
    return fit(Samples.widened(x), labels, null);
  }

  /**
   * Fits to samples of which some belong together, such as those that share a passage: all of a
   * group are held out in the same fold, so that the probe cannot know them from others of the
   * group. Folds have labels as evenly as groups allow; groups of one sample each change nothing.
   *
   * @param x [n][d]
   * @param labels [n], 0 or 1
   * @param groups [n], equal where samples belong together
   * @return what was found
   * @throws ProbeException as {@link #fit(float[][], int[])}, and if the groups are so large that a
   *     fold has nothing to test, or to train on only one label or less than half of what it would
   *     have without groups
   */
  public Result fit(float[][] x, int[] labels, int[] groups) {
    return fit(Samples.widened(x), labels, groups.clone());
  }

  /**
   * Fits to states of pairs. Those that share a query or a passage, directly or by way of others,
   * are held out in the same fold, unless they are so many that folds cannot be dealt; then all are
   * dealt one by one.
   *
   * @param x [n][d]
   * @param pairs what the states are of, with the labels
   * @return what was found
   * @throws ProbeException as {@link #fit(float[][], int[])}
   */
  public Result fit(float[][] x, List<PairExample> pairs) {
    int[] labels = labels(pairs);
    return fit(Samples.widened(x), labels, canKeepTogether(pairs) ? PassageGroups.of(pairs) : null);
  }

  private static int[] labels(List<PairExample> pairs) {
    return pairs.stream().mapToInt(PairExample::label).toArray();
  }

  /** Throws a {@link ProbeException} where a label has too few pairs for the folds. */
  void requireEnough(List<PairExample> pairs) {
    Samples.checkLabels(labels(pairs), folds);
  }

  /** Whether folds can be dealt so that no passage is in two of them. */
  boolean canKeepTogether(List<PairExample> pairs) {
    int[] labels = labels(pairs);
    return labels.length > 0
        && StratifiedFolds.keeping(PassageGroups.of(pairs), labels, folds)
            .isComplete(labels, folds);
  }

  /**
   * Gives the control of a layer a shuffle of its own, so that layers do not share the luck of one.
   *
   * @param layer layers passed; added to the seed of {@link #controlTask}
   * @return a probe that is the same but for that; without a control, the same altogether
   */
  public LinearProbe forLayer(int layer) {
    return new LinearProbe(folds, c, standardize, controlSeed.map(seed -> seed + layer));
  }

  /**
   * Fits to samples in a matrix, which stays as it is.
   *
   * @param x [n, d]
   * @param labels [n], 0 or 1
   * @return what was found
   * @throws ProbeException if samples are not finite, of one label or too few
   */
  public Result fit(INDArray x, int[] labels) {
    if (x.rank() != 2) {
      throw new ProbeException(
          "A probe needs a matrix of samples by features, not an array of rank " + x.rank());
    }
    return fit(x.toDoubleMatrix(), labels, null);
  }

  /** Without groups where they are null. */
  private Result fit(double[][] x, int[] labels, int[] groups) {
    Samples.check(x, labels, folds);
    if (groups != null) {
      Samples.checkGroups(groups, labels, folds);
    }
    try {
      return OneThread.call(
          () ->
              new Result(
                  crossValidate(x, labels, groups),
                  controlSeed.map(seed -> pool(crossValidate(x, shuffled(labels, seed), groups))),
                  fitRows(x, labels, IntStream.range(0, labels.length).toArray())));
    } catch (LinkageError e) {
      throw ProbeException.notLoaded(e);
    }
  }

  private List<Proportion> crossValidate(double[][] x, int[] labels, int[] groups) {
    StratifiedFolds dealt = dealt(labels, groups);
    List<Proportion> accuracies = new ArrayList<>();
    for (int fold = 0; fold < folds; fold++) {
      LinearModel model = fitRows(x, labels, dealt.train(fold));
      int[] test = dealt.test(fold);
      boolean[] right = new boolean[test.length];
      for (int i = 0; i < test.length; i++) {
        right[i] = (model.decision(x[test[i]]) > 0) == (labels[test[i]] == 1);
      }
      accuracies.add(Proportion.of(right));
    }
    return accuracies;
  }

  /** Shuffled labels may fit no groups; then they are dealt without, which shuffling makes fair. */
  private StratifiedFolds dealt(int[] labels, int[] groups) {
    if (groups != null) {
      StratifiedFolds kept = StratifiedFolds.keeping(groups, labels, folds);
      if (kept.isComplete(labels, folds)) {
        return kept;
      }
    }
    return new StratifiedFolds(labels, folds);
  }

  private LinearModel fitRows(double[][] x, int[] labels, int[] rows) {
    int features = x[0].length;
    Standardization scale =
        standardize ? Standardization.of(x, rows) : Standardization.none(features);
    try (INDArray matrix =
        Nd4j.create(scale.apply(x, rows), new long[] {rows.length, features}, 0, 'c')) {
      int[] rowLabels = IntStream.of(rows).map(row -> labels[row]).toArray();
      return scale.undo(LogisticRegression.fit(matrix, rowLabels, c));
    }
  }

  private static int[] shuffled(int[] labels, long seed) {
    int[] out = labels.clone();
    Random random = new Random(seed);
    for (int i = out.length - 1; i > 0; i--) {
      int other = random.nextInt(i + 1);
      int kept = out[i];
      out[i] = out[other];
      out[other] = kept;
    }
    return out;
  }

  private static Proportion pool(List<Proportion> folds) {
    return new Proportion(
        folds.stream().mapToLong(Proportion::successes).sum(),
        folds.stream().mapToLong(Proportion::trials).sum());
  }
}
