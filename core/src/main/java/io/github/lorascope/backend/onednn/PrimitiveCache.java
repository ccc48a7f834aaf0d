package io.github.lorascope.backend.onednn;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/** The operations that one thread has compiled, the least recently used dropped first. */
final class PrimitiveCache implements AutoCloseable {
  private static final int MOST = 4096;

  private final Map<Object, Primitive> compiled = new LinkedHashMap<>(64, 0.75f, true);

  /**
   * Finds an operation or compiles it.
   *
   * @param key what tells it from every other
   * @param compiler makes it
   */
  Primitive get(Object key, Supplier<Primitive> compiler) {
    Primitive found = compiled.get(key);
    if (found == null) {
      found = compiler.get();
      compiled.put(key, found);
      if (compiled.size() > MOST) {
        Object oldest = compiled.keySet().iterator().next();
        compiled.remove(oldest).close();
      }
    }
    return found;
  }

  @Override
  public void close() {
    compiled.values().forEach(Primitive::close);
    compiled.clear();
  }
}
