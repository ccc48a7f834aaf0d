package io.github.lorascope.metric;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class PairedAccuracyTest {
  @Test
  void countsWhatDiffers() {
    boolean[] first = {true, true, false, false, true};
    boolean[] second = {true, false, true, true, true};
    assertEquals(new PairedAccuracy(5, 1, 2), PairedAccuracy.of(first, second));
    assertEquals(0.2, PairedAccuracy.of(first, second).difference(), 1e-12);
  }

  /** 2 (C(8,0) + C(8,1)) / 2^8 for one against seven. */
  @Test
  void isMcNemarsExactTest() {
    assertEquals(18 / 256.0, new PairedAccuracy(400, 1, 7).probability(), 1e-12);
    assertEquals(1, new PairedAccuracy(400, 4, 4).probability(), 1e-12);
    assertEquals(1, new PairedAccuracy(400, 0, 0).probability(), 1e-12);
  }

  /** By hand from the formula: n 98, b 9, c 19. */
  @Test
  void isBonettAndPricesInterval() {
    PairedAccuracy paired = new PairedAccuracy(98, 9, 19);
    double half = 1.959963984540054 * Math.sqrt((0.2 + 0.1 - 0.01) / 100);
    assertEquals(0.1 - half, paired.low(), 1e-12);
    assertEquals(0.1 + half, paired.high(), 1e-12);
    assertTrue(paired.low() < paired.difference() && paired.difference() < paired.high());
  }

  @Test
  void impossibleCountsAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> new PairedAccuracy(5, 3, 3));
    assertThrows(
        IllegalArgumentException.class, () -> PairedAccuracy.of(new boolean[2], new boolean[3]));
  }
}
