package io.github.lorascope.backend.cuda;

import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.StoragePool;
import io.github.lorascope.tensor.Tensor;
import java.util.List;

/** Sums of squares of any number of matrices in one launch. */
final class SquaredNorms {
  /** Blocks that a matrix is shared out to, so that the order of its sum depends on it alone. */
  private static final int BLOCKS = 64;

  /** What the kernel reads of a matrix: address, distance of rows, rows and columns. */
  static final int FIELDS = 4;

  private SquaredNorms() {}

  static double[] of(Device device, StoragePool pool, List<Tensor> matrices) {
    long[] table = new long[FIELDS * matrices.size()];
    for (int i = 0; i < matrices.size(); i++) {
      Tensor matrix = matrices.get(i);
      table[FIELDS * i] = DeviceStorage.address(matrix, device);
      table[FIELDS * i + 1] = matrix.stride();
      table[FIELDS * i + 2] = matrix.rows();
      table[FIELDS * i + 3] = matrix.columns();
    }
    double[] norms = new double[matrices.size()];
    if (norms.length == 0) {
      return norms;
    }
    try (MemoryScope scratch = new MemoryScope(pool, "norms")) {
      int parts = Math.multiplyExact(BLOCKS, norms.length);
      Tensor sums = Transfer.room(scratch, (long) Double.BYTES * parts);
      new Launch(device, "squared_norms")
          .row(Transfer.longs(device, scratch, table))
          .row(sums)
          .run(new Grid(norms.length, BLOCKS, 1, 256));
      double[] all = Transfer.doubles(device, sums, parts);
      for (int i = 0; i < parts; i++) {
        norms[i / BLOCKS] += all[i];
      }
    }
    return norms;
  }
}
