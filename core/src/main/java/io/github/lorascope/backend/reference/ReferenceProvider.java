package io.github.lorascope.backend.reference;

import io.github.lorascope.backend.Backend;
import io.github.lorascope.backend.BackendOptions;
import io.github.lorascope.backend.BackendProvider;

/** Offers the {@link ReferenceBackend}; taken only where nothing faster can run. */
public final class ReferenceProvider implements BackendProvider {
  /** For the service loader. */
  public ReferenceProvider() {}

  @Override
  public String name() {
    return ReferenceBackend.NAME;
  }

  @Override
  public int rank() {
    return 0;
  }

  @Override
  public String obstacle() {
    return null;
  }

  @Override
  public Backend open(BackendOptions options) {
    return new ReferenceBackend(options);
  }
}
