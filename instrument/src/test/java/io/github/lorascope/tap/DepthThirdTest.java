package io.github.lorascope.tap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DepthThirdTest {
  private static List<Integer> of(DepthThird third, int layers) {
    return IntStream.range(0, layers)
        .filter(layer -> DepthThird.of(layer, layers) == third)
        .boxed()
        .toList();
  }

  @Test
  void of32Layers() {
    assertEquals(IntStream.range(0, 10).boxed().toList(), of(DepthThird.EARLY, 32));
    assertEquals(IntStream.range(10, 21).boxed().toList(), of(DepthThird.MIDDLE, 32));
    assertEquals(IntStream.range(21, 32).boxed().toList(), of(DepthThird.LATE, 32));
  }

  @Test
  void ofOtherDepths() {
    assertEquals(List.of(0, 1, 2, 3, 4, 5), of(DepthThird.EARLY, 18));
    assertEquals(List.of(12, 13, 14, 15, 16, 17), of(DepthThird.LATE, 18));
    assertEquals(List.of(0), of(DepthThird.EARLY, 3));
    assertEquals(List.of(1), of(DepthThird.MIDDLE, 3));
    assertEquals(List.of(2), of(DepthThird.LATE, 3));
  }

  @Test
  void noLayerOfTheModel() {
    assertThrows(IllegalArgumentException.class, () -> DepthThird.of(3, 3));
    assertThrows(IllegalArgumentException.class, () -> DepthThird.of(-1, 3));
  }
}
