package io.github.lorascope.backend;

import io.github.lorascope.LorascopeException;
import java.util.Comparator;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds the backends on the class path and starts one, saying which in one line of the log. */
public final class Backends {
  private static final Logger log = LoggerFactory.getLogger(Backends.class);

  private Backends() {}

  /**
   * Starts the best backend that can run here. One that can run but fails to start, such as a GPU
   * whose memory others hold, is passed over like one that cannot, with a line in the log that says
   * why.
   *
   * @param options threads and memory
   * @return the backend, to be closed by the caller
   * @throws BackendException if none can run
   */
  public static Backend best(BackendOptions options) {
    return best(providers(), options);
  }

  static Backend best(List<BackendProvider> ranked, BackendOptions options) {
    BackendException none =
        new BackendException("no backend can run here; on the class path: " + names(ranked));
    for (BackendProvider provider : ranked) {
      String obstacle = provider.obstacle();
      if (obstacle != null) {
        log.info("backend {} is passed over: {}", provider.name(), obstacle);
        continue;
      }
      try {
        return start(provider, options);
      } catch (LorascopeException e) {
        log.warn(
            "backend {} is passed over, as it does not start: {}", provider.name(), e.getMessage());
        none.addSuppressed(e);
      }
    }
    throw none;
  }

  /**
   * Starts the backend of a name; there is no fallback to another.
   *
   * @param name the name, such as {@code onednn}
   * @param options threads and memory
   * @return the backend, to be closed by the caller
   * @throws BackendException if there is none of this name or it cannot run here
   */
  public static Backend named(String name, BackendOptions options) {
    return named(name, providers(), options);
  }

  static Backend named(String name, List<BackendProvider> ranked, BackendOptions options) {
    BackendProvider provider =
        ranked.stream()
            .filter(p -> p.name().equals(name))
            .findFirst()
            .orElseThrow(
                () ->
                    new BackendException(
                        "no backend is named '" + name + "'; on the class path: " + names(ranked)));
    String obstacle = provider.obstacle();
    if (obstacle != null) {
      throw new BackendException("the backend " + name + " cannot run here: " + obstacle);
    }
    return start(provider, options);
  }

  /**
   * Names the backends that can run here, the best first.
   *
   * @return the names
   */
  public static List<String> names() {
    return providers().stream()
        .filter(p -> p.obstacle() == null)
        .map(BackendProvider::name)
        .toList();
  }

  private static Backend start(BackendProvider provider, BackendOptions options) {
    Backend backend = provider.open(options);
    log.info("backend {}", backend.description());
    return backend;
  }

  private static List<BackendProvider> providers() {
    return ServiceLoader.load(BackendProvider.class, Backends.class.getClassLoader()).stream()
        .map(ServiceLoader.Provider::get)
        .sorted(Comparator.comparingInt(BackendProvider::rank).reversed())
        .toList();
  }

  private static String names(List<BackendProvider> providers) {
    return providers.stream().map(BackendProvider::name).collect(Collectors.joining(", "));
  }
}
