package io.github.lorascope.probe;

import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.openblas.global.openblas;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Solves A X = B for a symmetric positive definite A by Cholesky. It calls the LAPACK under ND4J:
 * ND4J's own trsm and trsv reject valid arguments in 1.0.0-M2.1, and its triangularSolve is many
 * times slower.
 */
final class SpdSolver {
  private SpdSolver() {}

  /**
   * Solves in place.
   *
   * @param a [n, n], double, column-major; overwritten by its factor
   * @param b [n, k], double, column-major; overwritten by the solution
   */
  static void solve(INDArray a, INDArray b) {
    int n = Math.toIntExact(a.rows());
    int info =
        openblas.LAPACKE_dposv(
            openblas.LAPACK_COL_MAJOR,
            (byte) 'L',
            n,
            b.columns(),
            new DoublePointer(a.data().addressPointer()),
            n,
            new DoublePointer(b.data().addressPointer()),
            n);
    if (info != 0) {
      throw new ProbeException(
          "The curvature of the probe's loss is not positive definite (LAPACK dposv gave "
              + info
              + "); features of very different size cause this: try standardize(true)");
    }
  }
}
