package io.github.lorascope.backend.onednn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.tensor.MemoryAccount;
import io.github.lorascope.tensor.MemoryCapException;
import io.github.lorascope.tensor.Storage;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NativePoolTest {
  private static final int KILO = 256; // numbers in 1,024 bytes

  @Test
  void holdsWhatWasWritten() {
    try (NativePool pool = new NativePool(new MemoryAccount("test", Long.MAX_VALUE))) {
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
    try (NativePool pool = new NativePool(new MemoryAccount("test", Long.MAX_VALUE))) {
      Storage first = pool.take(64 * KILO, "first");
      long address = ((NativeStorage) first).address(0);
      pool.give(first);
      assertEquals(0, pool.account().used());
      Storage tooSmall = pool.take(KILO, "small");
      assertNotEquals(address, ((NativeStorage) tooSmall).address(0), "a waste of the block");
      pool.give(tooSmall);
    }
  }

  @Test
  void idleBlocksNeverPassTheMostThatWasUsed() {
    try (NativePool pool = new NativePool(new MemoryAccount("test", Long.MAX_VALUE))) {
      Random random = new Random(1);
      for (int i = 0; i < 300; i++) {
        Storage storage = pool.take(1 + random.nextInt(1000 * KILO), "batch");
        assertTrue(pool.idleBytes() + pool.account().used() <= pool.account().peak());
        pool.give(storage);
      }
    }
  }

  @Test
  void theCapHolds() {
    try (NativePool pool = new NativePool(new MemoryAccount("test", 10 * 1024))) {
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
  void whatIsGivenBackTwiceIsRefused() {
    try (NativePool pool = new NativePool(new MemoryAccount("test", Long.MAX_VALUE))) {
      Storage storage = pool.take(1, "one");
      pool.give(storage);
      assertThrows(IllegalStateException.class, () -> pool.give(storage));
      assertEquals(0, pool.account().used());
    }
  }
}
