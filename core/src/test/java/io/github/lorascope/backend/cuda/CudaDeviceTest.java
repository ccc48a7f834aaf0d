package io.github.lorascope.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.github.lorascope.backend.BackendException;
import io.github.lorascope.tensor.MemoryCapException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * The device through the driver's API, or its stand-in, which does what it must as late as it may.
 */
@RequiresNvrtc
class CudaDeviceTest {
  private static final int COUNT = 1 << 16;

  private final CudaDevice device = new CudaDevice();

  @AfterEach
  void close() {
    device.close();
  }

  private static ByteBuffer buffer() {
    return ByteBuffer.allocate(COUNT * Float.BYTES).order(ByteOrder.nativeOrder());
  }

  private static float[] numbers(Device device, long address) {
    ByteBuffer target = buffer();
    device.read(address, target);
    float[] numbers = new float[COUNT];
    target.rewind().asFloatBuffer().get(numbers);
    return numbers;
  }

  private static float[] all(float value) {
    float[] numbers = new float[COUNT];
    Arrays.fill(numbers, value);
    return numbers;
  }

  private static void fill(Device device, long address, float value) {
    new Launch(device, "fill", NumberType.F32)
        .address(address)
        .value(COUNT)
        .value(value)
        .value(COUNT)
        .run(Grid.of(1, COUNT));
  }

  @Test
  void saysWhatItIs() {
    assertTrue(device.description().matches(".+ \\(sm_\\d+, \\d+\\.\\d GB free\\)"));
  }

  /** More than fits the memory that copies go through, twice over. */
  @Test
  void whatIsWrittenMayBeChangedAtOnce() {
    ByteBuffer source = buffer();
    List<Long> addresses = new ArrayList<>();
    for (int i = 0; i < 150; i++) {
      source.clear().asFloatBuffer().put(all(i));
      addresses.add(device.allocate((long) COUNT * Float.BYTES));
      device.write(addresses.get(i), source);
      source.clear().asFloatBuffer().put(all(-1));
    }
    for (int i = 0; i < 150; i++) {
      assertArrayEquals(all(i), numbers(device, addresses.get(i)));
    }
    addresses.forEach(device::free);
  }

  @Test
  void worksInTheOrderThatItIsAsked() {
    long address = device.allocate((long) COUNT * Float.BYTES);
    ByteBuffer source = buffer();
    source.asFloatBuffer().put(all(2));
    fill(device, address, 1);
    device.write(address, source);
    assertArrayEquals(all(2), numbers(device, address));
    fill(device, address, 3);
    assertArrayEquals(all(3), numbers(device, address));
    device.free(address);
  }

  /**
   * What was freed may wait for work that was asked for before, which must not fail who needs it.
   */
  @Test
  void whatWasFreedServesAgain() {
    for (int i = 0; i < 6; i++) {
      device.free(device.allocate(device.memory() / 2));
    }
    worksInTheOrderThatItIsAsked();
  }

  @Test
  void moreThanThereIsIsRefusedAndNothingLost() {
    MemoryCapException e = assertThrows(MemoryCapException.class, () -> device.allocate(1L << 45));
    assertTrue(
        e.getMessage().startsWith("the GPU's memory is used up while taking 35,184,372.1 MB: use"),
        e.getMessage());
    worksInTheOrderThatItIsAsked();
  }

  @Test
  void everyThreadMayUseIt() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<float[]>> results = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        float value = i;
        results.add(
            threads.submit(
                () -> {
                  long address = device.allocate((long) COUNT * Float.BYTES);
                  fill(device, address, value);
                  float[] numbers = numbers(device, address);
                  device.free(address);
                  return numbers;
                }));
      }
      for (int i = 0; i < 8; i++) {
        assertArrayEquals(all(i), results.get(i).get());
      }
    } finally {
      threads.shutdown();
    }
  }

  /** Not on a GPU, on which nothing would run any more in this process. */
  @Test
  void aFaultIsToldFirstAndLast() {
    assumeFalse(TestDevice.isGpu(), "there is a GPU");
    long address = device.allocate((long) COUNT * Float.BYTES);
    fill(device, address + Float.BYTES, 1); // and so beyond its end
    BackendException first = assertThrows(BackendException.class, () -> numbers(device, address));
    String message = first.getMessage();
    assertTrue(message.startsWith("CUDA reported CUDA_ERROR_LAUNCH_FAILED while "), message);
    assertTrue(message.contains("start the program anew"), message);
    String later = assertThrows(BackendException.class, () -> device.allocate(1)).getMessage();
    assertTrue(later.startsWith(message + " (now CUDA reported "), later);
    device.close();
    try (CudaDevice next = new CudaDevice()) {
      long one = next.allocate(1);
      next.free(one);
    }
  }

  @Test
  void isClosedOnce() {
    device.close();
    device.close();
    device.free(1);
    assertThrows(IllegalStateException.class, () -> device.allocate(1));
  }
}
