package io.github.lorascope.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.lorascope.backend.reference.ReferenceBackend;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AttentionMassTest {
  private static final int[] OFFSETS = {0, 3, 9};
  private static final AttentionShape SHAPE = new AttentionShape(6, 3, 2, 0, OFFSETS, OFFSETS);

  private final Backend backend = new ReferenceBackend(BackendOptions.defaults());

  private static Tensor normal(MemoryScope scope, int columns) {
    Random random = new Random(columns);
    Tensor x = scope.tensor(9, columns);
    for (int i = 0; i < 9 * columns; i++) {
      x.set(i / columns, i % columns, random.nextGaussian());
    }
    return x;
  }

  /** The first query sees one key alone: all of its attention, and no entropy. */
  @Test
  void whoSeesOneKeyAttendsToItAlone() {
    try (MemoryScope scope = backend.scope("test")) {
      Tensor y = scope.tensor(6, 3);
      int[] spans = {0, 1, 1, 6};
      backend.attentionMass(normal(scope, 12), normal(scope, 6), SHAPE, 1, 0, spans, y);
      for (int head = 0; head < 6; head++) {
        assertArrayEquals(new float[] {1, 0, 0}, y.rows(head, head + 1).toArray());
      }
    }
  }

  @Test
  void attentionThatIsNoNumberHasNoEntropy() {
    try (MemoryScope scope = backend.scope("test")) {
      Tensor y = scope.tensor(6, 2);
      Tensor q = normal(scope, 12);
      q.fill(Float.NaN);
      backend.attentionMass(q, normal(scope, 6), SHAPE, 1, 0, new int[] {0, 6}, y);
      for (float number : y.toArray()) {
        assertEquals(Float.NaN, number);
      }
    }
  }

  /** Two heads share a key head; a matrix has 36 numbers. */
  @ParameterizedTest
  @CsvSource({"1, 36", "36, 36", "72, 72", "200, 144"})
  void headsInTurnGiveTheSameNumbers(long scratch, long most) {
    try (MemoryScope scope = backend.scope("test")) {
      Tensor q = normal(scope, 12);
      Tensor k = normal(scope, 6);
      int[] spans = {0, 2, 1, 5};
      Tensor together = scope.tensor(6 * 4, 3);
      Tensor inTurn = scope.tensor(6 * 4, 3);
      AttentionMass.reduce(backend, q, k, SHAPE, 1, 2, spans, together, AttentionMass.SCRATCH);
      backend.memory().mark();
      long before = backend.memory().used();
      AttentionMass.reduce(backend, q, k, SHAPE, 1, 2, spans, inTurn, scratch);
      assertArrayEquals(together.toArray(), inTurn.toArray());
      assertEquals(most * Float.BYTES, backend.memory().neededSinceMark() - before);
    }
  }

  @Test
  void refusesWhatTheSequenceLacks() {
    try (MemoryScope scope = backend.scope("test")) {
      Tensor q = normal(scope, 12);
      Tensor k = normal(scope, 6);
      Tensor y = scope.tensor(6 * 4, 2);
      assertThrows(
          IndexOutOfBoundsException.class,
          () -> backend.attentionMass(q, k, SHAPE, 1, 3, new int[] {0, 6}, y));
      assertThrows(
          IndexOutOfBoundsException.class,
          () -> backend.attentionMass(q, k, SHAPE, 1, 2, new int[] {0, 7}, y));
      assertThrows(
          IllegalArgumentException.class,
          () -> backend.attentionMass(q, k, SHAPE, 1, 2, new int[] {0, 1, 1, 2}, y));
    }
  }
}
