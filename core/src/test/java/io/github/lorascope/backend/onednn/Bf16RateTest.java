package io.github.lorascope.backend.onednn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.backend.BackendOptions;
import org.junit.jupiter.api.Test;

class Bf16RateTest {
  @Test
  void halfTheRateIsTooLittle() {
    assertTrue(Bf16Rate.pays(0.6e-3, 1e-3));
    assertTrue(Bf16Rate.pays(1.2e-3, 1e-3));
    assertFalse(Bf16Rate.pays(1.9e-3, 1e-3));
  }

  @Test
  void theBackendSaysWhatWasChosen() {
    boolean chosen = Bf16Check.holds() && Bf16Rate.pays();
    try (OneDnnBackend backend = new OneDnnBackend(BackendOptions.defaults())) {
      assertEquals(
          chosen ? "bf16 native" : "bf16 emulated in float32",
          backend.description().replaceFirst(".*, ", ""));
    }
  }
}
