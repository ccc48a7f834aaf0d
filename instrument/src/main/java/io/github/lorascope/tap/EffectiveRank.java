package io.github.lorascope.tap;

import static org.ejml.dense.row.CommonOps_DDRM.mult;
import static org.ejml.dense.row.MatrixFeatures_DDRM.hasUncountable;

import io.github.lorascope.tensor.Tensor;
import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.SingularValueDecomposition_F64;

/**
 * How many directions a matrix really uses: the exponential of the entropy of its singular values,
 * each divided by their sum (Roy and Vetterli, "The effective rank: a measure of effective
 * dimensionality", EUSIPCO 2007). It is 1 for a matrix of rank 1, and r where r singular values are
 * equal and the others zero.
 *
 * <pre>{@code
 * adapter
 *     .view()
 *     .values()
 *     .paths()
 *     .forEach(
 *         (site, path) -> {
 *           double used = EffectiveRank.ofProduct(path.b(), path.a());
 *           System.out.println(site + " uses " + used + " of " + path.a().rows());
 *         });
 * }</pre>
 */
public final class EffectiveRank {
  private EffectiveRank() {}

  /**
   * Computes the effective rank from singular values.
   *
   * @param values the singular values, none negative
   * @return from 1 to the number of values; NaN if all are zero or one is not finite
   */
  public static double ofSingularValues(double... values) {
    double largest = Arrays.stream(values).max().orElse(0);
    double sum = Arrays.stream(values).map(value -> value / largest).sum();
    double entropy = 0;
    for (double value : values) {
      double share = value / largest / sum;
      if (share != 0) { // x log x goes to 0 with x
        entropy -= share * Math.log(share);
      }
    }
    return Math.exp(entropy);
  }

  /**
   * Computes the effective rank of the product B A of a LoRA path, without making the product: with
   * B = U S V^T and A = X T Y^T it has the singular values of the small S V^T X T.
   *
   * @param b the up-projection B [outputs, rank]
   * @param a the down-projection A [rank, inputs]
   * @return from 1 to the rank; NaN if the product is zero or a number is not finite
   */
  public static double ofProduct(Tensor b, Tensor a) {
    if (b.columns() != a.rows()) {
      throw new IllegalArgumentException("B and A do not fit: " + b + " and " + a);
    }
    DMatrixRMaj up = matrix(b);
    DMatrixRMaj down = matrix(a);
    if (hasUncountable(up) || hasUncountable(down)) {
      return Double.NaN;
    }
    SingularValueDecomposition_F64<DMatrixRMaj> ofB = decomposed(up, false, true);
    SingularValueDecomposition_F64<DMatrixRMaj> ofA = decomposed(down, true, false);
    DMatrixRMaj small =
        mult(
            mult(ofB.getW(null), ofB.getV(null, true), null),
            mult(ofA.getU(null, false), ofA.getW(null), null),
            null);
    return ofSingularValues(decomposed(small, false, false).getSingularValues());
  }

  private static DMatrixRMaj matrix(Tensor tensor) {
    float[] values = tensor.toArray();
    DMatrixRMaj matrix = new DMatrixRMaj(tensor.rows(), tensor.columns());
    for (int i = 0; i < values.length; i++) {
      matrix.data[i] = values[i];
    }
    return matrix;
  }

  private static SingularValueDecomposition_F64<DMatrixRMaj> decomposed(
      DMatrixRMaj matrix, boolean u, boolean v) {
    SingularValueDecomposition_F64<DMatrixRMaj> svd =
        DecompositionFactory_DDRM.svd(matrix.numRows, matrix.numCols, u, v, true);
    if (!svd.decompose(matrix)) {
      throw new IllegalStateException(
          "the singular values of a finite matrix ["
              + matrix.numRows
              + ", "
              + matrix.numCols
              + "] did not converge");
    }
    return svd;
  }
}
