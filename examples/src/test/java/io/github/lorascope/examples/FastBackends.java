package io.github.lorascope.examples;

import io.github.lorascope.backend.Backends;
import java.util.List;
import java.util.Set;

/** The backends that compute a real model in seconds. */
final class FastBackends {
  /** Reference, and the cuda backend where its threads take turns on the CPU. */
  private static final Set<String> SLOW = Set.of("reference", "cuda-shim");

  private FastBackends() {}

  static boolean contain(String name) {
    return !SLOW.contains(name);
  }

  static List<String> names() {
    return Backends.names().stream().filter(FastBackends::contain).toList();
  }
}
