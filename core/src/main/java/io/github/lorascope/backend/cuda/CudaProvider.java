package io.github.lorascope.backend.cuda;

import io.github.lorascope.backend.Backend;
import io.github.lorascope.backend.BackendOptions;
import io.github.lorascope.backend.BackendProvider;

/** Offers the backend for NVIDIA GPUs, the best where there is one. */
public final class CudaProvider implements BackendProvider {
  private static final String NAME = "cuda";

  /** For the service loader. */
  public CudaProvider() {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public int rank() {
    return 20;
  }

  @Override
  public String obstacle() {
    return CudaLibraries.obstacle();
  }

  @Override
  public Backend open(BackendOptions options) {
    return new CudaBackend(NAME, new CudaDevice(), options);
  }
}
