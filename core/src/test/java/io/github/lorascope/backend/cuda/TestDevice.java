package io.github.lorascope.backend.cuda;

/**
 * What the tests run the kernels on: the GPU where there is one, else the CPU, through the driver's
 * stand-in where that can be had.
 */
final class TestDevice {
  /** Of the largest number in a result: cuBLAS sums in an order of its own, as tensor cores do. */
  private static final double ON_THE_GPU = 1e-4;

  private TestDevice() {}

  static boolean isGpu() {
    return new CudaProvider().obstacle() == null;
  }

  /**
   * Opens it.
   *
   * @param backwards whether threads that take turns do so from the last to the first
   */
  static Device open(boolean backwards) {
    boolean driver = isGpu() || (!backwards && StandInDriver.obstacle() == null);
    return driver ? new CudaDevice() : new ShimDevice(backwards);
  }

  /** What a result may be off by where float32 sums in another order may make it so much. */
  static double tolerance(double onTheCpu) {
    return isGpu() ? Math.max(onTheCpu, ON_THE_GPU) : onTheCpu;
  }
}
