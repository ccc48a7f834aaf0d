package io.github.lorascope.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class AttentionShapeTest {
  private static AttentionShape shape(
      int heads, int keyValueHeads, int headDim, int window, int[] queries, int[] keys) {
    return new AttentionShape(heads, keyValueHeads, headDim, window, queries, keys);
  }

  @Test
  void aQuerySeesTheKeysUpToItsOwn() {
    AttentionShape shape = shape(2, 1, 4, 0, new int[] {0, 2, 5}, new int[] {0, 4, 7});
    assertEquals(2, shape.sequences());
    assertEquals(3, shape.queries(1));
    assertEquals(4, shape.keys(0));
    assertEquals(2, shape.lastKey(0, 0));
    assertEquals(3, shape.lastKey(0, 1));
    assertEquals(0, shape.firstKey(0, 1));
    assertEquals(0.5, shape.scale());
  }

  @Test
  void aWindowEndsAtTheQuery() {
    AttentionShape shape = shape(1, 1, 1, 2, new int[] {0, 2}, new int[] {0, 4});
    assertEquals(1, shape.firstKey(0, 0));
    assertEquals(2, shape.firstKey(0, 1));
  }

  @Test
  void refusesWhatDoesNotFit() {
    int[] two = {0, 2};
    assertThrows(IllegalArgumentException.class, () -> shape(3, 2, 4, 0, two, two));
    assertThrows(IllegalArgumentException.class, () -> shape(0, 1, 4, 0, two, two));
    assertThrows(IllegalArgumentException.class, () -> shape(2, 0, 4, 0, two, two));
    assertThrows(IllegalArgumentException.class, () -> shape(2, 1, 0, 0, two, two));
    assertThrows(IllegalArgumentException.class, () -> shape(2, 1, 4, -1, two, two));
    assertThrows(IllegalArgumentException.class, () -> shape(2, 1, 4, 0, two, new int[] {0, 1}));
    assertThrows(IllegalArgumentException.class, () -> shape(2, 1, 4, 0, two, new int[] {0, 2, 3}));
    assertThrows(IllegalArgumentException.class, () -> shape(2, 1, 4, 0, new int[0], new int[0]));
    int[] backwards = {0, 2, 1};
    assertThrows(IllegalArgumentException.class, () -> shape(2, 1, 4, 0, backwards, backwards));
  }
}
