package io.github.lorascope.onnx;

import java.util.Objects;

/**
 * How an ONNX model is run.
 *
 * @param device where
 * @param threads threads of an operation on the CPU; 0: one for each core
 */
public record OnnxOptions(Device device, int threads) {
  /** What computes. */
  public enum Device {
    /** The CPU. */
    CPU,
    /**
     * The first NVIDIA GPU that CUDA sees; needs the artefact {@code onnxruntime_gpu} in place of
     * {@code onnxruntime}.
     */
    CUDA
  }

  /** Checks that there is a device and no negative number of threads. */
  public OnnxOptions {
    Objects.requireNonNull(device, "device");
    if (threads < 0) {
      throw new IllegalArgumentException(threads + " threads: give 0 for one for each core");
    }
  }

  /**
   * Returns the defaults: the CPU with all cores.
   *
   * @return the options
   */
  public static OnnxOptions defaults() {
    return new OnnxOptions(Device.CPU, 0);
  }

  /**
   * Returns the same on another device.
   *
   * @param other where
   * @return the options
   */
  public OnnxOptions on(Device other) {
    return new OnnxOptions(other, threads);
  }

  /**
   * Returns the same with other threads.
   *
   * @param count threads of an operation on the CPU; 0: one for each core
   * @return the options
   */
  public OnnxOptions withThreads(int count) {
    return new OnnxOptions(device, count);
  }
}
