package io.github.lorascope.examples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class AdapterOptionsTest {
  @Test
  void layersAreListedOnceAndAscending() {
    assertArrayEquals(new int[] {0, 2, 4, 5, 6}, AdapterOptions.parseLayers("4-6,2,0,5-6"));
  }

  /** Whoever gets them says which layer the model lacks. */
  @Test
  void aRangeFarBeyondAModelIsReadAtOnce() {
    assertTimeoutPreemptively(
        Duration.ofSeconds(30),
        () -> {
          assertEquals(1_000_000, AdapterOptions.parseLayers("0-999999").length);
          assertEquals(1_000_000, GroupList.parse("a=0-999999", 18).get(0).layers().size());
        });
  }
}
