package io.github.lorascope.backend.onednn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.jna.Function;
import io.github.lorascope.backend.Backend;
import io.github.lorascope.backend.BackendOptions;
import io.github.lorascope.backend.Backends;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OpenMpTest {
  /** As ND4J does when it is loaded or told how many threads to use. */
  @Test
  void oneThreadIsUsedThoughAnotherUserOfTheLibraryAsksForMore() {
    try (Backend backend = Backends.named("onednn", BackendOptions.defaults().withThreads(2));
        MemoryScope memory = backend.scope("a test")) {
      OpenMp openMp = OneDnnLibrary.get().openMp();
      Optional<Function> set = openMp.function("omp_set_num_threads");
      Optional<Function> get = openMp.function("omp_get_max_threads");
      assumeTrue(set.isPresent() && get.isPresent(), "no OpenMP library beside oneDNN");
      Tensor x = memory.zeros(4, 8);
      backend.add(x, x, x);
      set.get().invokeVoid(new Object[] {3});
      assertEquals(3, get.get().invokeInt(new Object[0]));
      backend.add(x, x, x);
      assertEquals(1, get.get().invokeInt(new Object[0]));
    }
  }
}
