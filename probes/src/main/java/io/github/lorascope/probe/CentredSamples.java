package io.github.lorascope.probe;

/**
 * Samples with the mean of each feature taken off. A feature that is the same everywhere becomes
 * exactly 0: what varies is summed, so no rounding of its size is left over.
 *
 * @param values the centred samples, one after another
 * @param n how many
 * @param features numbers in a sample
 * @param mean what was taken off, one value a feature
 */
@SuppressWarnings("ArrayRecordComponent") // never leaves the package
record CentredSamples(double[] values, int n, int features, double[] mean) {
  /**
   * Centres samples.
   *
   * @param x [n][d], n at least 2
   */
  static CentredSamples of(float[][] x) {
    if (x.length < 2) {
      throw new ProbeException(x.length + " samples do not vary; give 2 or more");
    }
    double[][] rows = Samples.widened(x);
    Samples.checkValues(rows);
    int features = rows[0].length;
    if ((long) rows.length * features > Integer.MAX_VALUE - 8) {
      throw new ProbeException(
          rows.length + " samples of " + features + " features are too many: take fewer samples");
    }
    double[] mean = new double[features];
    double[] values = new double[rows.length * features];
    for (int j = 0; j < features; j++) {
      double first = rows[0][j];
      double shift = 0;
      for (double[] row : rows) {
        shift += (row[j] - first) / rows.length;
      }
      for (int i = 0; i < rows.length; i++) {
        values[i * features + j] = rows[i][j] - first - shift;
      }
      mean[j] = first + shift;
    }
    return new CentredSamples(values, rows.length, features, mean);
  }

  /** The sum of all squares. */
  double squares() {
    double sum = 0;
    for (double value : values) {
      sum += value * value;
    }
    return sum;
  }
}
