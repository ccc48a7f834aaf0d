package io.github.lorascope.backend.onednn;

import io.github.lorascope.backend.AdamW;
import io.github.lorascope.tensor.Tensor;

/**
 * Operations on all numbers of a matrix, in runs whose length does not depend on the threads: the
 * one row that holds all parameters is shared out too.
 */
final class Runs {
  private static final int LENGTH = 8192;

  private Runs() {}

  /** Computes on a run of a row. */
  @FunctionalInterface
  private interface Task {
    void run(Slot slot, int index, int row, int column, int count);
  }

  /**
   * m = b1 m + (1 - b1) g, v = b2 v + (1 - b2) g^2, p = (1 - lr decay) p - lr (m / c1) / (sqrt(v /
   * c2) + epsilon), with ci = 1 - bi^step.
   */
  static void adamW(
      Workers workers,
      Tensor parameters,
      Tensor gradients,
      Tensor moment1,
      Tensor moment2,
      AdamW update) {
    double b1 = update.beta1();
    double b2 = update.beta2();
    double rate = update.learningRate() / (1 - Math.pow(b1, update.step()));
    double correction = 1 / (1 - Math.pow(b2, update.step()));
    double decay = 1 - update.learningRate() * update.weightDecay();
    each(
        workers,
        parameters,
        (slot, index, row, column, count) -> {
          float[] p = read(slot, 0, parameters, row, column, count);
          float[] g = read(slot, 1, gradients, row, column, count);
          float[] m = read(slot, 2, moment1, row, column, count);
          float[] v = read(slot, 3, moment2, row, column, count);
          for (int i = 0; i < count; i++) {
            double first = b1 * m[i] + (1 - b1) * g[i];
            double second = b2 * v[i] + (1 - b2) * g[i] * g[i];
            m[i] = (float) first;
            v[i] = (float) second;
            double root = Math.sqrt(second * correction) + update.epsilon();
            p[i] = (float) (decay * p[i] - rate * first / root);
          }
          write(p, parameters, row, column, count);
          write(m, moment1, row, column, count);
          write(v, moment2, row, column, count);
        });
  }

  static double squaredNorm(Workers workers, Tensor x) {
    double[] sums = new double[x.rows() * Split.parts(x.columns(), LENGTH)];
    each(
        workers,
        x,
        (slot, index, row, column, count) -> {
          float[] values = read(slot, 0, x, row, column, count);
          sums[index] = Lines.dot(values, values, count);
        });
    double total = 0;
    for (double sum : sums) {
      total += sum;
    }
    return total;
  }

  static void scale(Workers workers, Tensor x, double factor) {
    each(
        workers,
        x,
        (slot, index, row, column, count) -> {
          float[] values = read(slot, 0, x, row, column, count);
          for (int i = 0; i < count; i++) {
            values[i] = (float) (values[i] * factor);
          }
          write(values, x, row, column, count);
        });
  }

  private static void each(Workers workers, Tensor x, Task task) {
    int across = Split.parts(x.columns(), LENGTH);
    workers.run(
        Math.multiplyExact(x.rows(), across),
        (slot, i) -> {
          int column = i % across * LENGTH;
          task.run(slot, i, i / across, column, Math.min(LENGTH, x.columns() - column));
        });
  }

  private static float[] read(Slot slot, int line, Tensor x, int row, int column, int count) {
    float[] values = slot.line(line, LENGTH);
    x.storage().read(x.offset(row) + column, values, 0, count);
    return values;
  }

  private static void write(float[] values, Tensor x, int row, int column, int count) {
    x.storage().write(x.offset(row) + column, values, 0, count);
  }
}
