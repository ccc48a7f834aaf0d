package io.github.lorascope.backend.onednn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.backend.BackendOptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class Bf16CheckTest {
  /**
   * Layouts in float32 are right everywhere, bfloat16 wherever the backend uses it; where it does
   * not, as on AVX-512 without bfloat16, oneDNN may still have a slow way that is right.
   */
  @ParameterizedTest
  @EnumSource(WeightLayout.class)
  void passesWhereProductsAreRight(WeightLayout layout) {
    try (OneDnnBackend backend = new OneDnnBackend(BackendOptions.defaults())) {
      boolean passes = Bf16Check.passes(backend, layout);
      if (layout == WeightLayout.PACKED_BF16) {
        assertTrue(passes || backend.description().contains("bf16 emulated"));
      } else {
        assertTrue(passes);
      }
      assertEquals(0, backend.memory().used());
    }
  }
}
