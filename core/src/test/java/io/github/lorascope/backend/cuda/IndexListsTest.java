package io.github.lorascope.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.github.lorascope.tensor.MemoryAccount;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class IndexListsTest {
  private final Set<Long> held = new HashSet<>();
  private final List<Integer> copied = new ArrayList<>();

  private final Device device =
      new IdleDevice() {
        @Override
        public long allocate(long bytes) {
          long address = super.allocate(bytes);
          held.add(address);
          return address;
        }

        @Override
        public void free(long address) {
          assertEquals(true, held.remove(address), "freed twice");
        }

        @Override
        public void write(long address, ByteBuffer source) {
          copied.add(source.getInt(source.position()));
        }
      };

  private final DevicePool pool = new DevicePool(device, new MemoryAccount("test", 1 << 20));
  private final IndexLists lists = new IndexLists(device);

  @AfterEach
  void allIsGivenBack() {
    lists.close();
    assertEquals(Set.of(), held);
    assertEquals(0, pool.account().openScopes());
  }

  private Tensor used(int... list) {
    try (MemoryScope scratch = new MemoryScope(pool, "test")) {
      return lists.lend(list, scratch);
    }
  }

  @Test
  void theSameListIsCopiedOnce() {
    int[] list = {7, 2};
    Tensor first = used(list);
    assertSame(first, used(7, 2));
    list[0] = 8; // the caller's own
    assertNotSame(first, used(list));
    assertSame(first, used(7, 2));
    assertEquals(List.of(7, 8), copied);
    assertEquals(0, pool.account().used());
  }

  @Test
  void theOneAskedForLongestAgoMakesRoom() {
    for (int i = 0; i < 8; i++) {
      used(i);
    }
    used(0);
    used(8); // in place of 1
    copied.clear();
    used(0);
    used(2);
    used(1);
    assertEquals(List.of(1), copied);
    assertEquals(8, held.size());
  }

  @Test
  void whatIsInUseIsNotDropped() {
    try (MemoryScope scratch = new MemoryScope(pool, "test")) {
      List<Tensor> lent = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        lent.add(lists.lend(new int[] {i}, scratch));
      }
      lists.lend(new int[] {8}, scratch); // in memory of the scope
      assertEquals(9, held.size());
      for (int i = 0; i < 8; i++) {
        assertSame(lent.get(i), lists.lend(new int[] {i}, scratch));
      }
    }
    assertEquals(8, held.size());
    used(8);
    assertEquals(8, held.size());
  }

  @Test
  void aLongListIsCopiedForEachUse() {
    int[] list = new int[(1 << 16) + 1];
    assertNotSame(used(list), used(list));
    assertEquals(Set.of(), held);
  }
}
