package io.github.lorascope.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.backend.BackendOptions;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What runs the kernels on the CPU finds the mistakes that it is there for. */
@RequiresShim
class ShimTest {
  private static final Grid GRID = new Grid(1, 1, 1, 64);

  private static float[] run(String kernel, boolean backwards) {
    return run(kernel, new ShimDevice(backwards), 4 * 64);
  }

  private static float[] run(String kernel, ShimDevice device, int sharedBytes) {
    try (CudaBackend backend = new CudaBackend("cuda", device, BackendOptions.defaults());
        MemoryScope scope = backend.scope("test")) {
      Tensor y = tensors(scope, 65)[32];
      new Launch(device, kernel).row(y).shared(sharedBytes).run(GRID);
      return y.toArray();
    }
  }

  /** Makes tensors of 128 numbers that lie beside each other, if the device lets them. */
  private static Tensor[] tensors(MemoryScope scope, int count) {
    return Stream.generate(() -> scope.tensor(1, 128)).limit(count).toArray(Tensor[]::new);
  }

  /** Sums that need every barrier come out, whichever warp is ahead. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatIsRightPasses(boolean backwards) {
    float[] expected = new float[128];
    Arrays.fill(expected, 0, 64, 64);
    Arrays.fill(expected, 64, 128, 128);
    assertArrayEquals(expected, run("fault_none", backwards));
  }

  @Test
  void whoComesByOneCallMayMeet() {
    assertEquals(1, run("fault_none_of_calls", false)[1]);
  }

  /** The square of 1 + 2^-12 is 2^-24 more than what float32 can hold. */
  @Test
  void aProductAndASumAreRoundedOnceButWhereTheKernelSaysTwice() {
    ShimDevice device = new ShimDevice(false);
    try (CudaBackend backend = new CudaBackend("cuda", device, BackendOptions.defaults());
        MemoryScope scope = backend.scope("test")) {
      float x = 1 + 0x1p-12f;
      Tensor y = scope.tensor(1, 4, new float[] {x, x, x, -1 - 0x1p-11f});
      new Launch(device, "fault_none_of_rounding").row(y).run(GRID);
      float once = Shim.contracts() ? 0x1p-24f : 0;
      assertArrayEquals(new float[] {once, 0, 0}, y.columns(0, 3).toArray());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "fault_global,use-after-poison",
    "fault_far,use-after-poison",
    "fault_far_before,SEGV",
    "fault_dynamic,heap-buffer-overflow",
    "fault_declared,heap-buffer-overflow",
    "fault_lanes,different barriers",
    "fault_exchange,came by different calls",
    "fault_exchange_kinds,came by different calls",
    "fault_exchange_of_fragments,came by different calls",
    "fault_mask,without some of its lanes",
    "fault_mask_of_barrier,without some of its lanes",
    "fault_barrier_places,came by different calls",
    "fault_alignment,misaligned address",
    "fault_row,a row of a matrix does not begin on 16 bytes",
    "fault_copy,a copy of 16 bytes does not begin on 16 bytes",
    "fault_row_elsewhere,a row of a matrix is not in shared memory",
    "fault_copies,a thread ends without waiting for the copies that it began",
    "fault_copy_elsewhere,a copy is not from global to shared memory",
    "fault_overflow,signed integer overflow",
    "fault_bounds,'64 threads, more than the 32'",
    "fault_that_is_not_there,there is no such kernel"
  })
  void aMistakeEndsTheTestThatMakesIt(String kernel, String message) {
    IllegalStateException e = assertThrows(IllegalStateException.class, () -> run(kernel, false));
    assertTrue(e.getMessage().contains(message), e.getMessage());
  }

  /** 256 bytes are declared; beyond 48 KB in all, a launch has to ask, and beyond 99 it may not. */
  @ParameterizedTest
  @CsvSource({"48896,", "48897,49152", "49152,49152", "49153,", "101120,", "101121,101376"})
  void moreSharedMemoryThanABlockMayHaveIsRefused(int bytes, String most) {
    if (most == null) {
      assertEquals(1, run("fault_shared", new ShimDevice(false), bytes)[63]);
      return;
    }
    IllegalStateException e =
        assertThrows(
            IllegalStateException.class, () -> run("fault_shared", new ShimDevice(false), bytes));
    String message = bytes + " bytes of dynamic shared memory and 256 declared, more than " + most;
    assertTrue(e.getMessage().contains("fault_shared: a block has " + message), e.getMessage());
  }

  @Test
  void memoryThatWasGivenBackMayNotBeUsed() {
    ShimDevice device = new ShimDevice(false);
    CudaBackend backend = new CudaBackend("cuda", device, BackendOptions.defaults());
    long address;
    try (MemoryScope scope = backend.scope("test")) {
      address = DeviceStorage.address(scope.tensor(1, 128));
    }
    new Launch(device, "fault_none").address(address).run(GRID);
    MemoryScope scope = backend.scope("test");
    IllegalStateException e =
        assertThrows(IllegalStateException.class, () -> scope.tensor(1, 128).toArray());
    assertTrue(e.getMessage().contains("SEGV"), e.getMessage());
  }

  @Test
  void aKernelThatDoesNotEndIsNamed() {
    IllegalStateException e =
        assertThrows(
            IllegalStateException.class,
            () -> run("fault_endless", new ShimDevice(false, 1), 4 * 64));
    assertTrue(e.getMessage().contains("fault_endless does not end"), e.getMessage());
  }

  @Test
  void whatIsCopiedIsThereWhenItWasWaitedFor() {
    float[] y = run("fault_early", false);
    assertTrue(Float.isNaN(y[0]));
    assertEquals(1, y[64]);
  }

  @Test
  void whatNobodyWroteIsNoNumber() {
    assertTrue(Float.isNaN(run("fault_undefined", false)[0]));
  }

  /** The other warp's sum of 32 numbers, times the 32 lanes that add it up. */
  @Test
  void aMissingBarrierShowsInOneOrderOrTheOther() {
    float[] expected = new float[128];
    for (int i = 0; i < 128; i++) {
      boolean otherIsFirst = i % 64 >= 32;
      float sum = 0;
      for (int thread = otherIsFirst ? 0 : 32; thread < (otherIsFirst ? 32 : 64); thread++) {
        sum += thread + 100 * (i / 64);
      }
      expected[i] = 32 * sum;
    }
    assertEquals(32 * 496, expected[32]);
    assertFalse(
        Arrays.equals(expected, run("fault_barrier", false))
            && Arrays.equals(expected, run("fault_barrier", true)));
  }
}
