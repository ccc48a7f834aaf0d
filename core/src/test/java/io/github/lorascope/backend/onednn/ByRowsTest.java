package io.github.lorascope.backend.onednn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.backend.BackendOptions;
import io.github.lorascope.backend.BackendWeight;
import io.github.lorascope.backend.Direction;
import io.github.lorascope.backend.Dropout;
import io.github.lorascope.backend.LowRank;
import io.github.lorascope.backend.Precision;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;
import io.github.lorascope.weights.DenseWeight;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ByRowsTest {
  private static final int ROWS = 333;
  private static final int WIDTH = 40;
  private static final BackendOptions OPTIONS = BackendOptions.defaults().withThreads(3);

  private final OneDnnBackend backend = new OneDnnBackend(OPTIONS);
  private final MemoryScope scope = backend.scope("test");
  private final Random random = new Random(1);

  @AfterEach
  void nothingIsLeft() {
    scope.close();
    assertEquals(0, backend.memory().used());
    assertEquals(0, backend.memory().openScopes());
    backend.close();
  }

  private Tensor random(int rows, int columns) {
    return scope.tensor(rows, columns, numbers(rows * columns));
  }

  private float[] numbers(int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private BackendWeight weight(OneDnnBackend owner, MemoryScope memory) {
    DenseWeight values = DenseWeight.of("w", WIDTH, WIDTH, numbers(WIDTH * WIDTH));
    return owner.prepare(values, Precision.F32, memory);
  }

  @Test
  void everyRowIsComputedOnceAndByMoreThanOneThread() {
    AtomicIntegerArray times = new AtomicIntegerArray(ROWS);
    Set<Integer> parts = ConcurrentHashMap.newKeySet();
    Meeting meeting = new Meeting();
    backend.byRows(
        ROWS,
        Direction.FORWARD,
        List.of(),
        (from, to) -> {
          meeting.attend();
          parts.add(from);
          for (int row = from; row < to; row++) {
            times.incrementAndGet(row);
          }
        });
    for (int row = 0; row < ROWS; row++) {
      assertEquals(1, times.get(row), "row " + row);
    }
    assertTrue(parts.size() >= 3, parts.toString());
  }

  /**
   * One caller computes with the rows of a weight while another makes that weight's copy for the
   * other direction, for which it waits for the first one's threads.
   */
  @Test
  void aCopyMadeMeanwhileHoldsNobodyUp() {
    BackendWeight weight = weight(backend, scope);
    Tensor x = random(ROWS, WIDTH);
    Tensor y = random(ROWS, WIDTH);
    Tensor dx = random(ROWS, WIDTH);
    Thread other =
        new Thread(() -> backend.linearBackward(y, weight, null, null, dx, false), "the other");
    AtomicBoolean begun = new AtomicBoolean();
    assertTimeoutPreemptively(
        Duration.ofSeconds(60),
        () -> {
          backend.byRows(
              ROWS,
              Direction.FORWARD,
              List.of(weight),
              (from, to) -> {
                if (begun.compareAndSet(false, true)) {
                  other.start();
                  while (other.getState() != Thread.State.WAITING) {
                    Thread.onSpinWait();
                  }
                }
                backend.linear(x.rows(from, to), weight, null, null, y.rows(from, to));
              });
          other.join();
        });
    assertTrue(begun.get());
  }

  /** A norm, then a linear layer with a path and dropout, as on all rows at once. */
  @Test
  void whatIsComputedByRowsIsWhatIsComputedAtOnce() {
    Tensor x = random(ROWS, WIDTH);
    Tensor gain = random(1, WIDTH);
    Tensor inverse = scope.tensor(ROWS, 1);
    BackendWeight weight = weight(backend, scope);
    LowRank path =
        new LowRank(
            random(4, WIDTH), random(WIDTH, 4), 2, new Dropout(0.3, 7), scope.tensor(ROWS, 4));
    Tensor normed = scope.tensor(ROWS, WIDTH);
    Tensor atOnce = scope.tensor(ROWS, WIDTH);
    backend.rmsNorm(x, gain, 1e-5, normed, inverse);
    backend.linear(normed, weight, null, path, atOnce);
    float[] passedOn = path.xa().toArray();

    path.xa().fill(Float.NaN);
    Tensor byRows = scope.tensor(ROWS, WIDTH);
    backend.byRows(
        ROWS,
        Direction.FORWARD,
        List.of(weight),
        (from, to) -> {
          try (MemoryScope passing = backend.scope("part")) {
            Tensor part = passing.tensor(to - from, WIDTH);
            backend.rmsNorm(x.rows(from, to), gain, 1e-5, part, inverse.rows(from, to));
            backend.linear(part, weight, null, path.rows(from, to), byRows.rows(from, to));
          }
        });
    assertArrayEquals(atOnce.toArray(), byRows.toArray(), 1e-4f);
    assertArrayEquals(passedOn, path.xa().toArray(), 1e-5f);
  }

  @Test
  void aFailureIsThrownAndTheBackendGoesOn() {
    IllegalStateException thrown =
        assertThrows(
            IllegalStateException.class,
            () ->
                backend.byRows(
                    ROWS,
                    Direction.BACKWARD,
                    List.of(),
                    (from, to) -> {
                      throw new IllegalStateException("row " + from);
                    }));
    assertTrue(thrown.getMessage().startsWith("row "), thrown.getMessage());
    whatIsComputedByRowsIsWhatIsComputedAtOnce();
  }

  @Test
  void allRowsGoTogetherWhereAWeightIsMadeForEachUse() {
    long cap = 4L * WIDTH * WIDTH; // half of it is for weights
    try (OneDnnBackend small = new OneDnnBackend(OPTIONS.withMemoryCap(cap));
        MemoryScope memory = small.scope("test")) {
      List<BackendWeight> weights = List.of(weight(small, memory));
      Set<List<Integer>> parts = ConcurrentHashMap.newKeySet();
      small.byRows(ROWS, Direction.BACKWARD, weights, (from, to) -> parts.add(List.of(from, to)));
      assertEquals(Set.of(List.of(0, ROWS)), parts);
    }
  }
}
