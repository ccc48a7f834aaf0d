package io.github.lorascope.examples;

import io.github.lorascope.backend.Backend;
import io.github.lorascope.backend.Precision;
import io.github.lorascope.checkpoint.ModelConfig;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/** Times operations of one backend against the rates that it copies and multiplies with. */
final class KernelBench {
  private final Backend backend;
  private final ModelConfig config;
  private final Precision precision;
  private final Pattern only;
  private final double least;
  private final Consumer<KernelTime> told;
  private final List<KernelTime> times = new ArrayList<>();
  private double bytesPerSecond = Double.POSITIVE_INFINITY;
  private double flopsPerSecond = Double.POSITIVE_INFINITY;

  /**
   * Makes a bench.
   *
   * @param only what is timed, by its name
   * @param least seconds that an operation is repeated for
   * @param told hears of each time
   */
  KernelBench(
      Backend backend,
      ModelConfig config,
      Precision precision,
      Pattern only,
      double least,
      Consumer<KernelTime> told) {
    this.backend = backend;
    this.config = config;
    this.precision = precision;
    this.only = only;
    this.least = least;
    this.told = told;
  }

  Backend backend() {
    return backend;
  }

  ModelConfig config() {
    return config;
  }

  Precision precision() {
    return precision;
  }

  List<KernelTime> times() {
    return List.copyOf(times);
  }

  /** What the floors of all that follows are counted with. */
  void rates(double bytes, double flops) {
    bytesPerSecond = bytes;
    flopsPerSecond = flops;
  }

  /** A matrix of the residual stream, or whatever else is never rounded. */
  Tensor floats(MemoryScope scope, int rows, int columns) {
    return filled(scope.tensor(rows, columns));
  }

  /** A matrix of what passes between the operations of a layer, rounded as the products do. */
  Tensor activations(MemoryScope scope, int rows, int columns) {
    return activations(scope, rows, columns, precision);
  }

  static Tensor activations(MemoryScope scope, int rows, int columns, Precision products) {
    return filled(
        switch (products) {
          case BF16 -> scope.rounded(rows, columns);
          case F32 -> scope.tensor(rows, columns);
        });
  }

  private static Tensor filled(Tensor tensor) {
    int step = Math.max(1, (1 << 20) / tensor.columns());
    for (int from = 0; from < tensor.rows(); from += step) {
      Tensor part = tensor.rows(from, Math.min(tensor.rows(), from + step));
      float[] values = new float[part.rows() * part.columns()];
      NoiseWeight.fill(values, 0, values.length, (long) from * tensor.columns());
      part.set(values);
    }
    return tensor;
  }

  /** Bytes that matrices hold. */
  static double bytes(Tensor... tensors) {
    double sum = 0;
    for (Tensor tensor : tensors) {
      double number = (double) tensor.storage().bytes() / tensor.storage().size();
      sum += number * tensor.rows() * tensor.columns();
    }
    return sum;
  }

  boolean wants(String operation) {
    return only.matcher(operation).find();
  }

  /**
   * Times an operation, if it is wanted.
   *
   * @param bytes it reads and writes at least
   * @param flops of its products
   * @param result what it writes, read to wait for its end
   */
  void time(
      String operation, String size, double bytes, double flops, Tensor result, Runnable run) {
    if (wants(operation)) {
      double seconds = seconds(result, run);
      double floor = Math.max(bytes / bytesPerSecond, flops / flopsPerSecond);
      KernelTime time = new KernelTime(operation, size, seconds, bytes, flops, floor);
      times.add(time);
      told.accept(time);
    }
  }

  /** Repeats until it has taken long enough; a number of the result comes when all is done. */
  double seconds(Tensor result, Runnable run) {
    run.run();
    result.get(0, 0);
    for (long count = 1; ; count *= 2) {
      long start = System.nanoTime();
      for (long i = 0; i < count; i++) {
        run.run();
      }
      result.get(0, 0);
      double seconds = (System.nanoTime() - start) / 1e9;
      if (seconds >= least) {
        return seconds / count;
      }
    }
  }
}
