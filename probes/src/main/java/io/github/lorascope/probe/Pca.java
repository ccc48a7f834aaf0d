package io.github.lorascope.probe;

import java.util.Arrays;
import org.bytedeco.openblas.global.openblas;

/**
 * Principal component analysis: the directions in which samples vary most, by a singular value
 * decomposition of the centred samples (I. T. Jolliffe, "Principal component analysis", 2002). It
 * finds what scikit-learn's {@code PCA} finds; of the two signs of a component it takes the one
 * that makes the component's largest number positive.
 *
 * <pre>{@code
 * Pca pca = Pca.fit(states, 2);
 * double[] share = pca.explainedVarianceRatio(); // of the whole variance, such as {0.41, 0.12}
 * float[][] map = pca.project(states); // [examples][2]
 * for (int i = 0; i < map.length; i++) {
 *   System.out.printf("%d %.3f %.3f%n", labels[i], map[i][0], map[i][1]);
 * }
 * System.out.printf("%.0f %% of the variance%n", 100 * (share[0] + share[1]));
 * }</pre>
 *
 * Instances are immutable and may be shared between threads.
 */
public final class Pca {
  private final double[] mean;
  private final double[][] components;
  private final double[] explained;

  private Pca(double[] mean, double[][] components, double[] explained) {
    this.mean = mean;
    this.components = components;
    this.explained = explained;
  }

  /**
   * Finds the components of samples. There may be more features than samples.
   *
   * @param x [n][d], n at least 2
   * @param components how many, from 1 to the smaller of n and d
   * @return the components, the one that explains most first
   * @throws ProbeException if samples are ragged, not finite or too few, or the native library is
   *     missing
   */
  public static Pca fit(float[][] x, int components) {
    CentredSamples samples = CentredSamples.of(x);
    int rank = Math.min(samples.n(), samples.features());
    if (components < 1 || components > rank) {
      throw new IllegalArgumentException(
          components
              + " components of "
              + samples.n()
              + " samples of "
              + samples.features()
              + " features: ask for 1 to "
              + rank);
    }
    double all = samples.squares();
    int features = samples.features();
    double[] deviations = new double[rank];
    double[] directions = new double[features * rank];
    decompose(samples, deviations, directions);
    double[][] kept = new double[components][];
    double[] explained = new double[components];
    for (int c = 0; c < components; c++) {
      kept[c] = oriented(Arrays.copyOfRange(directions, c * features, (c + 1) * features));
      explained[c] = all == 0 ? 0 : Math.min(1, deviations[c] * deviations[c] / all);
    }
    return new Pca(samples.mean(), kept, explained);
  }

  /** Row-major samples are, read by columns, their transpose, whose left vectors are sought. */
  private static void decompose(CentredSamples samples, double[] values, double[] vectors) {
    int n = samples.n();
    int features = samples.features();
    int info;
    try {
      info =
          openblas.LAPACKE_dgesdd(
              openblas.LAPACK_COL_MAJOR,
              (byte) 'S',
              features,
              n,
              samples.values(),
              features,
              values,
              vectors,
              features,
              new double[values.length * n],
              values.length);
    } catch (LinkageError e) {
      throw ProbeException.notLoaded(e);
    }
    if (info != 0) {
      throw new ProbeException(
          "The singular values of the samples were not found (LAPACK dgesdd gave " + info + ")");
    }
  }

  private static double[] oriented(double[] component) {
    double largest = 0;
    for (double value : component) {
      largest = Math.abs(value) > Math.abs(largest) ? value : largest;
    }
    if (largest < 0) {
      for (int j = 0; j < component.length; j++) {
        component[j] = -component[j];
      }
    }
    return component;
  }

  /**
   * The directions, each of length 1 and at right angles to the others.
   *
   * @return a copy [components][d]
   */
  public double[][] components() {
    return Arrays.stream(components).map(double[]::clone).toArray(double[][]::new);
  }

  /**
   * How much of the samples' variance lies along each component.
   *
   * @return a copy [components], each from 0 to 1; 0 where nothing varies
   */
  public double[] explainedVarianceRatio() {
    return explained.clone();
  }

  /**
   * The samples' mean, which projecting takes off.
   *
   * @return a copy [d]
   */
  public double[] mean() {
    return mean.clone();
  }

  /**
   * Places samples along the components, those that were fitted or others.
   *
   * @param x [n][d]
   * @return the coordinates [n][components]
   */
  public float[][] project(float[][] x) {
    float[][] out = new float[x.length][components.length];
    for (int i = 0; i < x.length; i++) {
      if (x[i].length != mean.length) {
        throw new IllegalArgumentException(
            "The components have "
                + mean.length
                + " features, sample "
                + i
                + " has "
                + x[i].length);
      }
      for (int c = 0; c < components.length; c++) {
        double sum = 0;
        for (int j = 0; j < mean.length; j++) {
          sum += (x[i][j] - mean[j]) * components[c][j];
        }
        out[i][c] = (float) sum;
      }
    }
    return out;
  }
}
