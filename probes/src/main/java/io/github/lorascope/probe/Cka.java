package io.github.lorascope.probe;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Linear centred kernel alignment: how alike two sets of states of the same examples are, whatever
 * the directions that they lie in (Kornblith et al., "Similarity of neural network representations
 * revisited", 2019). 1: one is a rotation of the other, shifted and scaled; near 0: they have
 * nothing in common. With fewer examples than features it is biased upwards, so compare values of
 * equally many examples only.
 *
 * <pre>{@code
 * float[][] later = new float[states.length][];
 * for (int i = 0; i < later.length; i++) {
 *   later[i] = states[i].clone();
 *   later[i][0] += 1; // all shifted alike
 * }
 * double same = Cka.linear(states, later); // 1
 * System.out.printf("changed by %.3f%n", 1 - same);
 * }</pre>
 */
public final class Cka {
  private Cka() {}

  /**
   * Compares two sets of states.
   *
   * @param a [n][d], n at least 2
   * @param b [n][e], row i of the same example as row i of a
   * @return from 0 to 1; NaN where the states of one set are all equal, so that nothing can be said
   * @throws ProbeException if samples are ragged, not finite, too few or not equally many, or the
   *     native library is missing
   */
  public static double linear(float[][] a, float[][] b) {
    if (a.length != b.length) {
      throw new ProbeException(
          a.length + " states and " + b.length + " are not of the same examples");
    }
    CentredSamples x = CentredSamples.of(a);
    CentredSamples y = CentredSamples.of(b);
    if (x.squares() == 0 || y.squares() == 0) {
      return Double.NaN;
    }
    try (INDArray first = matrix(x);
        INDArray second = matrix(y)) {
      long wide = (long) x.features();
      long other = (long) y.features();
      long ofFeatures = wide * wide + other * other + wide * other;
      long ofExamples = 2L * x.n() * x.n();
      return Math.min(
          1, ofExamples < ofFeatures ? byExamples(first, second) : byFeatures(first, second));
    } catch (LinkageError e) {
      throw ProbeException.notLoaded(e);
    }
  }

  /** {@code <X X^T, Y Y^T> / (|X X^T| |Y Y^T|)}, of matrices [n, n]. */
  static double byExamples(INDArray x, INDArray y) {
    try (INDArray k = x.mmul(x.transpose());
        INDArray l = y.mmul(y.transpose())) {
      double norms = norm(k) * norm(l);
      return k.muli(l).sumNumber().doubleValue() / norms;
    }
  }

  /** {@code |Y^T X|^2 / (|X^T X| |Y^T Y|)}, of matrices [d, d], [e, e] and [e, d]. */
  static double byFeatures(INDArray x, INDArray y) {
    try (INDArray xx = x.transpose().mmul(x);
        INDArray yy = y.transpose().mmul(y);
        INDArray yx = y.transpose().mmul(x)) {
      double between = norm(yx);
      return between * between / (norm(xx) * norm(yy));
    }
  }

  static INDArray matrix(CentredSamples samples) {
    return Nd4j.create(samples.values(), new long[] {samples.n(), samples.features()}, 0, 'c');
  }

  private static double norm(INDArray matrix) {
    return matrix.norm2Number().doubleValue();
  }
}
