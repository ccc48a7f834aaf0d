package io.github.lorascope.backend.cuda;

import io.github.lorascope.backend.Backend;
import io.github.lorascope.backend.BackendOptions;
import io.github.lorascope.backend.BackendProvider;

/**
 * Offers the cuda backend on the CPU to all tests that run over the backends, where no GPU is.
 * Never the best: its threads take their turns.
 */
public final class ShimProvider implements BackendProvider {
  /** For the service loader. */
  public ShimProvider() {}

  @Override
  public String name() {
    return "cuda-shim";
  }

  @Override
  public int rank() {
    return -1;
  }

  @Override
  public String obstacle() {
    if (TestDevice.isGpu()) {
      return "the tests run on the GPU";
    }
    return System.getProperty("golden.dir") == null
        ? "the build sets golden.dir, and it is not set"
        : Shim.obstacle();
  }

  @Override
  public Backend open(BackendOptions options) {
    return new CudaBackend(name(), TestDevice.open(false), options);
  }
}
