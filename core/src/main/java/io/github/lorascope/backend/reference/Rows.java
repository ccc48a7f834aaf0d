package io.github.lorascope.backend.reference;

import io.github.lorascope.tensor.Storage;
import io.github.lorascope.tensor.Tensor;

/** Rows of a matrix as double arrays, and the two loops that products are made of. */
final class Rows {
  private Rows() {}

  static double[] read(Tensor x, int row) {
    double[] values = new double[x.columns()];
    Storage storage = x.storage();
    long at = x.offset(row);
    for (int i = 0; i < values.length; i++) {
      values[i] = storage.get(at + i);
    }
    return values;
  }

  static double[][] read(Tensor x) {
    double[][] values = new double[x.rows()][];
    for (int row = 0; row < values.length; row++) {
      values[row] = read(x, row);
    }
    return values;
  }

  static void write(double[] values, Tensor x, int row) {
    Storage storage = x.storage();
    long at = x.offset(row);
    for (int i = 0; i < values.length; i++) {
      storage.set(at + i, values[i]);
    }
  }

  static void write(double[][] values, Tensor x) {
    for (int row = 0; row < values.length; row++) {
      write(values[row], x, row);
    }
  }

  static void add(double[][] values, Tensor x) {
    for (int row = 0; row < values.length; row++) {
      double[] sum = read(x, row);
      axpy(1, values[row], sum);
      write(sum, x, row);
    }
  }

  static double dot(double[] a, double[] b) {
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    int i = 0;
    for (; i + 3 < a.length; i += 4) {
      s0 += a[i] * b[i];
      s1 += a[i + 1] * b[i + 1];
      s2 += a[i + 2] * b[i + 2];
      s3 += a[i + 3] * b[i + 3];
    }
    for (; i < a.length; i++) {
      s0 += a[i] * b[i];
    }
    return s0 + s1 + (s2 + s3);
  }

  /** y += factor * x. */
  static void axpy(double factor, double[] x, double[] y) {
    for (int i = 0; i < x.length; i++) {
      y[i] += factor * x[i];
    }
  }
}
