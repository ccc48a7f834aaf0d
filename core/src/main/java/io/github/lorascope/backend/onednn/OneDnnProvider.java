package io.github.lorascope.backend.onednn;

import io.github.lorascope.backend.Backend;
import io.github.lorascope.backend.BackendOptions;
import io.github.lorascope.backend.BackendProvider;

/** Offers the {@link OneDnnBackend}, the fastest on a machine without a GPU. */
public final class OneDnnProvider implements BackendProvider {
  /** For the service loader. */
  public OneDnnProvider() {}

  @Override
  public String name() {
    return OneDnnBackend.NAME;
  }

  @Override
  public int rank() {
    return 10;
  }

  @Override
  public String obstacle() {
    return OneDnnLibrary.obstacle();
  }

  @Override
  public Backend open(BackendOptions options) {
    return new OneDnnBackend(options);
  }
}
