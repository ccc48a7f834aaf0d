package io.github.lorascope.probe;

/** What the analyses of this package demand of their samples. */
final class Samples {
  private Samples() {}

  /** Throws a {@link ProbeException} that names the first sample that is at fault. */
  static void check(double[][] x, int[] labels, int folds) {
    if (x.length != labels.length) {
      throw new ProbeException(
          "There are " + x.length + " samples and " + labels.length + " labels; give one each");
    }
    checkLabels(labels, folds);
    checkValues(x);
  }

  /** Throws a {@link ProbeException} where a label is none, or has too few samples. */
  static void checkLabels(int[] labels, int folds) {
    int[] counts = new int[2];
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] != 0 && labels[i] != 1) {
        throw new ProbeException("Label " + i + " is " + labels[i] + "; labels are 0 or 1");
      }
      counts[labels[i]]++;
    }
    for (int label = 0; label < 2; label++) {
      if (counts[label] < folds) {
        throw new ProbeException(
            counts[label]
                + " samples have label "
                + label
                + ", too few for "
                + folds
                + " folds; each label needs at least one sample a fold");
      }
    }
  }

  /** Throws a {@link ProbeException} where groups cannot be kept together. */
  static void checkGroups(int[] groups, int[] labels, int folds) {
    if (groups.length != labels.length) {
      throw new ProbeException(
          "There are "
              + labels.length
              + " samples and "
              + groups.length
              + " groups; give one each");
    }
    if (!StratifiedFolds.keeping(groups, labels, folds).isComplete(labels, folds)) {
      throw new ProbeException(
          "The groups are too few or too large for "
              + folds
              + " folds: each needs samples to test, and to train on both labels and half of what it"
              + " would have without groups");
    }
  }

  /** The same numbers as doubles. */
  static double[][] widened(float[][] x) {
    double[][] rows = new double[x.length][];
    for (int i = 0; i < x.length; i++) {
      rows[i] = new double[x[i].length];
      for (int j = 0; j < x[i].length; j++) {
        rows[i][j] = x[i][j];
      }
    }
    return rows;
  }

  /** Throws a {@link ProbeException} unless all samples have as many features, all finite. */
  static void checkValues(double[][] x) {
    int features = x[0].length;
    if (features == 0) {
      throw new ProbeException("The samples have no features");
    }
    for (int i = 0; i < x.length; i++) {
      if (x[i].length != features) {
        throw new ProbeException(
            "Sample 0 has " + features + " features, sample " + i + " has " + x[i].length);
      }
      for (int j = 0; j < features; j++) {
        if (!Double.isFinite(x[i][j])) {
          throw new ProbeException(
              "Feature " + j + " of sample " + i + " is " + x[i][j] + "; leave the sample out");
        }
      }
    }
  }
}
