package io.github.lorascope.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.lorascope.tensor.MemoryAccount;
import io.github.lorascope.tensor.MemoryCapException;
import io.github.lorascope.tensor.MemoryScope;
import org.junit.jupiter.api.Test;

class DevicePoolTest {
  /** A device may have less left than the cap allows, as others use it, too. */
  @Test
  void whatTheDeviceRefusesIsNotCounted() {
    MemoryCapException refusal = new MemoryCapException("the device is full");
    Device full =
        new IdleDevice() {
          @Override
          public long allocate(long bytes) {
            if (bytes > 100) {
              throw refusal;
            }
            return super.allocate(bytes);
          }
        };
    DevicePool pool = new DevicePool(full, new MemoryAccount("cuda", 1 << 20));
    try (MemoryScope scope = new MemoryScope(pool, "test")) {
      scope.tensor(1, 25);
      assertSame(refusal, assertThrows(MemoryCapException.class, () -> scope.tensor(1, 26)));
      assertEquals(100, pool.account().used());
    }
    assertEquals(0, pool.account().used());
    assertEquals(0, pool.account().openScopes());
  }
}
