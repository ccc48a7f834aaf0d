package io.github.lorascope.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DeviceStorageTest {
  private static final int COUNT = (1 << 20) + 5;

  /** Memory of its own, and how much was copied at once. */
  private static final class Memory extends IdleDevice {
    private final ByteBuffer bytes = ByteBuffer.allocate(8 << 20);
    private final List<Integer> copied = new ArrayList<>();

    @Override
    public void write(long address, ByteBuffer source) {
      copied.add(source.remaining());
      bytes.put((int) address, source, source.position(), source.remaining());
    }

    @Override
    public void read(long address, ByteBuffer target) {
      copied.add(target.remaining());
      target.put(bytes.slice((int) address, target.remaining()));
    }
  }

  /** A buffer for all of a large matrix might not fit beside it, or be more than Java allows. */
  @ParameterizedTest
  @EnumSource(NumberType.class)
  void muchIsCopiedInPieces(NumberType type) {
    Memory memory = new Memory();
    DeviceStorage storage = new DeviceStorage(memory, type, COUNT + 2, 256);
    float[] numbers = new float[COUNT + 3];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = i % 251; // exact in bfloat16
    }
    storage.write(1, numbers, 3, COUNT);
    float[] read = new float[COUNT + 3];
    read[0] = 0;
    storage.read(1, read, 3, COUNT);
    numbers[1] = 0;
    numbers[2] = 0;
    assertArrayEquals(numbers, read, 0);
    assertEquals(4, memory.copied.size());
    assertTrue(memory.copied.stream().allMatch(size -> size <= 4 << 20), memory.copied.toString());
  }
}
