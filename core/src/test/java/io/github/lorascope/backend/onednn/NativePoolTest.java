package io.github.lorascope.backend.onednn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.tensor.MemoryAccount;
import io.github.lorascope.tensor.MemoryCapException;
import io.github.lorascope.tensor.Storage;
import io.github.lorascope.weights.Bfloat16;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NativePoolTest {
  private static final int KILO = 256; // numbers in 1,024 bytes

  @Test
  void holdsWhatWasWritten() {
    try (NativePool pool = new NativePool(new MemoryAccount("test", Long.MAX_VALUE), false)) {
      Storage one = pool.take(1000, "one");
      Storage two = pool.take(1000, "two");
      one.set(999, 1.5);
      two.set(0, 2.5);
      assertEquals(1.5, one.get(999));
      assertEquals(2.5, two.get(0));
      assertEquals(0, ((NativeStorage) one).address(0) % 64);
      assertThrows(IndexOutOfBoundsException.class, () -> one.set(1000, 0));
      assertThrows(IndexOutOfBoundsException.class, () -> one.read(999, new float[2], 0, 2));
      pool.give(one);
      pool.give(two);
    }
  }

  @Test
  void usesBlocksAgain() {
    try (NativePool pool = new NativePool(new MemoryAccount("test", Long.MAX_VALUE), false)) {
      pool.give(pool.take(64 * KILO, "first"));
      assertEquals(0, pool.account().used());
      long idle = pool.idleBytes();
      Storage again = pool.take(63 * KILO, "a little less");
      assertEquals(idle, pool.account().used());
      assertEquals(0, pool.idleBytes());
      pool.give(again);
      Storage small = pool.take(KILO, "a waste of the block");
      assertTrue(pool.account().used() < idle / 2);
      pool.give(small);
    }
  }

  @Test
  void whatIsIdleInOnePoolIsNotFreeForAnother() {
    MemoryAccount both = MemoryAccount.together("test", 250 * 1024);
    try (NativePool two = new NativePool(new MemoryAccount("test", 250 * 1024, both), false)) {
      try (NativePool one = new NativePool(new MemoryAccount("test", 250 * 1024, both), false)) {
        one.give(one.take(150 * KILO, "first"));
        assertEquals(0, one.account().used());
        assertThrows(MemoryCapException.class, () -> two.take(150 * KILO, "second"));
        assertEquals(0, two.account().used());
        one.give(one.take(150 * KILO, "first again"));
        one.give(one.take(200 * KILO, "more, in its place"));
      }
      two.give(two.take(200 * KILO, "second"));
    }
    assertEquals(0, both.used());
  }

  @Test
  void idleBlocksNeverPassTheMostThatWasUsed() {
    try (NativePool pool = new NativePool(new MemoryAccount("test", Long.MAX_VALUE), false)) {
      Random random = new Random(1);
      for (int i = 0; i < 300; i++) {
        Storage storage = pool.take(1 + random.nextInt(1000 * KILO), "batch");
        assertTrue(pool.idleBytes() + pool.account().used() <= pool.account().peak());
        pool.give(storage);
      }
    }
  }

  @Test
  void idleBlocksGiveWayToWhatIsCountedElsewhere() {
    try (NativePool pool = new NativePool(new MemoryAccount("test", 100 * 1024), false)) {
      pool.give(pool.take(60 * KILO, "used before"));
      pool.makeRoom(90 * 1024);
      pool.account().take(90 * 1024, "a weight of the host");
      assertEquals(0, pool.idleBytes());
      pool.account().give(90 * 1024);
    }
  }

  @Test
  void theCapHolds() {
    try (NativePool pool = new NativePool(new MemoryAccount("test", 10 * 1024), false)) {
      Storage most = pool.take(8 * KILO, "most");
      assertThrows(MemoryCapException.class, () -> pool.take(3 * KILO, "more"));
      pool.give(most);
      Storage other = pool.take(9 * KILO, "other");
      assertTrue(pool.idleBytes() + pool.account().used() <= 10 * 1024);
      pool.give(other);
      assertEquals(0, pool.account().used());
    }
  }

  @Test
  void roundedNumbersTakeHalfTheMemoryWhereTheyAreKeptNarrow() {
    try (NativePool pool = new NativePool(new MemoryAccount("test", Long.MAX_VALUE), true)) {
      Storage wide = pool.take(64 * KILO, "float32");
      Storage narrow = pool.takeRounded(64 * KILO, "bfloat16");
      assertEquals(64 * 1024, wide.bytes());
      assertEquals(32 * 1024, narrow.bytes());
      pool.give(narrow);
      assertEquals(64 * 1024, pool.account().used());
      pool.give(wide);
      assertEquals(0, pool.account().used());
    }
  }

  @Test
  void narrowNumbersAreRoundedToNearestTiesToEven() {
    try (NativePool pool = new NativePool(new MemoryAccount("test", Long.MAX_VALUE), true)) {
      Storage narrow = pool.takeRounded(7, "bfloat16");
      float ulp = 1 / 128f; // of bfloat16 from 1 to 2
      float[] written = {
        1 + ulp / 2,
        1 + 3 * ulp / 2,
        1 + 0.6f * ulp,
        -0f,
        Float.NEGATIVE_INFINITY,
        Float.NaN,
        3e-39f
      };
      narrow.write(0, written, 0, 7);
      float[] read = new float[7];
      narrow.read(0, read, 0, 7);
      for (int i = 0; i < 7; i++) {
        assertEquals(Bfloat16.round(written[i]), read[i]);
        assertEquals(read[i], narrow.get(i));
      }
      assertEquals(1, read[0]);
      assertEquals(1 + 2 * ulp, read[1]);
      narrow.set(2, 1 + ulp / 2);
      assertEquals(1, narrow.get(2));
      narrow.fill(1, 3, 0);
      narrow.fill(4, 2, 0.5f);
      narrow.read(0, read, 0, 7);
      assertArrayEquals(new float[] {1, 0, 0, 0, 0.5f, 0.5f, Bfloat16.round(3e-39f)}, read);
      assertThrows(IndexOutOfBoundsException.class, () -> narrow.fill(6, 2, 0));
      pool.give(narrow);
    }
  }

  @Test
  void whatIsGivenBackTwiceIsRefused() {
    try (NativePool pool = new NativePool(new MemoryAccount("test", Long.MAX_VALUE), false)) {
      Storage storage = pool.take(1, "one");
      pool.give(storage);
      assertThrows(IllegalStateException.class, () -> pool.give(storage));
      assertEquals(0, pool.account().used());
    }
  }
}
