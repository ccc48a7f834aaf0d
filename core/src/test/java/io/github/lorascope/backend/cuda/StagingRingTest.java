package io.github.lorascope.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StagingRingTest {
  private static final int SEGMENTS = 3;
  private static final int SIZE = 1024;

  /** A device that does nothing until it is waited for. */
  private static final class Lazy implements StagingRing.Marks {
    private record Copy(int number, int from, int to) {}

    private final Deque<Copy> waiting = new ArrayDeque<>();
    private final int[] marks = new int[SEGMENTS];
    private int copies;
    private int waits;

    void copy(int from, int to) {
      for (Copy copy : waiting) {
        assertTrue(
            to <= copy.from || from >= copy.to, "bytes that wait to be copied are given away");
      }
      waiting.add(new Copy(copies++, from, to));
    }

    @Override
    public void set(int segment) {
      marks[segment] = copies;
    }

    @Override
    public void await(int segment) {
      waits++;
      waiting.removeIf(copy -> copy.number < marks[segment]);
    }
  }

  private final Lazy device = new Lazy();
  private final StagingRing ring = new StagingRing(SEGMENTS, SIZE, device);

  private int copy(int wanted) {
    int taken = ring.take(wanted);
    assertTrue(taken > 0 && taken <= wanted, taken + " of " + wanted);
    assertTrue(ring.offset() >= 0 && ring.offset() + taken <= SEGMENTS * SIZE);
    device.copy(ring.offset(), ring.offset() + taken);
    return taken;
  }

  @Test
  void nothingIsGivenAwayBeforeTheDeviceHasCopiedIt() {
    Random random = new Random(5);
    for (int i = 0; i < 10_000; i++) {
      int left = 1 + random.nextInt(random.nextInt(4) == 0 ? 4 * SIZE : 200);
      while (left > 0) {
        left -= copy(left);
      }
    }
    assertTrue(device.waits > SEGMENTS);
  }

  @Test
  void fewBytesDoNotWait() {
    for (int i = 0; i < SEGMENTS * SIZE / 64; i++) {
      assertEquals(20, copy(20));
    }
    assertEquals(0, device.waits);
    copy(20);
    assertEquals(1, device.waits);
  }

  /** While the device copies a segment, the others are filled. */
  @Test
  void manyBytesComeInSegments() {
    assertEquals(10, copy(10));
    assertEquals(SIZE - 64, copy(SEGMENTS * SIZE));
    assertEquals(SIZE, copy(SEGMENTS * SIZE));
    assertEquals(SIZE, ring.offset());
    assertEquals(SIZE, copy(SIZE));
    assertEquals(0, device.waits);
  }
}
