package io.github.lorascope.backend.onednn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.lorascope.backend.Backend;
import io.github.lorascope.backend.BackendOptions;
import io.github.lorascope.backend.BackendWeight;
import io.github.lorascope.backend.Backends;
import io.github.lorascope.backend.Operations;
import io.github.lorascope.backend.Precision;
import io.github.lorascope.backend.Trial;
import io.github.lorascope.backend.reference.ReferenceBackend;
import io.github.lorascope.tensor.MemoryCapException;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;
import io.github.lorascope.weights.Weight;
import io.github.lorascope.weights.WeightForm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class OneDnnBackendTest {
  private static final BackendOptions OPTIONS = BackendOptions.defaults().withThreads(3);
  private static final long SEED = 5;

  private final OneDnnBackend backend = new OneDnnBackend(OPTIONS);

  /** Every number is 1; reading beyond a row fails as a damaged file would. */
  private record Ones(int rows, int columns, int readable, Runnable reading) implements Weight {
    Ones(int rows, int columns, int readable) {
      this(rows, columns, readable, () -> {});
    }

    @Override
    public String name() {
      return "ones";
    }

    @Override
    public WeightForm form() {
      return WeightForm.F32;
    }

    @Override
    public long bytes() {
      return 4L * rows * columns;
    }

    @Override
    public void read(int from, int to, float[] target, int offset) {
      reading.run();
      if (to > readable) {
        throw new IllegalStateException("row " + readable + " is unreadable");
      }
      java.util.Arrays.fill(target, offset, offset + (to - from) * columns, 1);
    }
  }

  @AfterEach
  void nothingIsLeft() {
    assertEquals(0, backend.memory().used());
    assertEquals(0, backend.memory().openScopes());
    backend.close();
    backend.close();
  }

  @Test
  void isOfferedByName() {
    assertNull(new OneDnnProvider().obstacle());
    try (Backend named = Backends.named("onednn", OPTIONS)) {
      assertEquals("onednn", named.name());
      assertTrue(
          named.description().matches("onednn \\d+\\.\\d+ \\(.+\\), 3 threads, bf16 .+"),
          named.description());
    }
  }

  @Test
  void theSameInputsGiveTheSameBits() {
    try (OneDnnBackend other = new OneDnnBackend(OPTIONS)) {
      Operations.all()
          .forEach(
              (name, operation) -> {
                try (Trial one = new Trial(backend, Precision.BF16, SEED);
                    Trial two = new Trial(other, Precision.BF16, SEED)) {
                  operation.run(one);
                  operation.run(two);
                  two.hold(one, 0);
                }
              });
    }
  }

  @Test
  void callersOnSeveralThreadsDoNotDisturbEachOther() throws Exception {
    Map<String, Trial.Operation> operations = Operations.all();
    ExecutorService callers = Executors.newFixedThreadPool(4);
    try (OneDnnBackend other = new OneDnnBackend(OPTIONS)) {
      List<Future<?>> calls = new ArrayList<>();
      for (Trial.Operation operation : operations.values()) {
        calls.add(
            callers.submit(
                () -> {
                  try (Trial alone = new Trial(other, Precision.F32, SEED);
                      Trial together = new Trial(backend, Precision.F32, SEED)) {
                    operation.run(together);
                    operation.run(alone);
                    together.hold(alone, 0);
                  }
                }));
      }
      for (Future<?> call : calls) {
        call.get();
      }
    } finally {
      callers.shutdownNow();
    }
  }

  @Test
  void anOperationIsComputedByMoreThanOneThread() {
    int wide = 1 << 14; // one such row is worth waking a thread for
    try (MemoryScope scope = backend.scope("test")) {
      Ones rows = new Ones(4, wide, 4, new Meeting()::attend);
      BackendWeight table = backend.prepare(rows, Precision.F32, scope);
      Tensor y = scope.zeros(4, wide);
      backend.gather(table, new int[] {0, 1, 2, 3}, y);
      for (int row = 0; row < 4; row++) {
        assertEquals(1, y.get(row, wide - 1), "row " + row);
      }
    }
  }

  @Test
  void weightsAreMadeForEachUseWhereTheCapIsNear() {
    BackendOptions little = OPTIONS.withMemoryCap(3_000_000); // the weight takes 2 MB
    try (OneDnnBackend small = new OneDnnBackend(little, WeightLayout.PLAIN);
        MemoryScope scope = small.scope("test")) {
      BackendWeight weight = small.prepare(new Ones(500, 1000, 500), Precision.F32, scope);
      Tensor x = scope.zeros(2, 1000);
      x.fill(1);
      Tensor y = scope.tensor(2, 500);
      long before = small.memory().used();
      small.linear(x, weight, null, null, y);
      assertEquals(1000, y.get(1, 499));
      assertEquals(before, small.memory().used());
      small.linearBackward(y, weight, null, null, x, false);
      assertEquals(500_000, x.get(1, 999));
      assertEquals(before, small.memory().used());
    }
  }

  /** A forward pass, then the other direction: of three weights one keeps both its copies. */
  @Test
  void copiesOfBothDirectionsTakeHalfOfTheCap() {
    long copy = 2_000_000;
    BackendOptions capped = OPTIONS.withMemoryCap(3 * copy);
    try (OneDnnBackend small = new OneDnnBackend(capped, WeightLayout.PLAIN);
        MemoryScope scope = small.scope("test")) {
      List<BackendWeight> weights = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        weights.add(small.prepare(new Ones(500, 1000, 500), Precision.F32, scope));
      }
      Tensor x = scope.zeros(2, 1000);
      Tensor y = scope.tensor(2, 500);
      weights.forEach(weight -> small.linear(x, weight, null, null, y));
      weights.forEach(weight -> small.linearBackward(y, weight, null, null, x, false));
      assertTrue(small.memory().used() >= copy);
      assertTrue(small.memory().used() <= 3 * copy / 2, small.memory().used() + " bytes");
    }
  }

  @Test
  void anEmbeddingTableTakesNoMemory() {
    try (MemoryScope scope = backend.scope("test")) {
      BackendWeight table = backend.prepare(new Ones(1000, 8, 1000), Precision.F32, scope);
      Tensor y = scope.tensor(1, 8);
      long before = backend.memory().used();
      backend.gather(table, new int[] {999}, y);
      assertEquals(1, y.get(0, 7));
      assertEquals(before, backend.memory().used());
    }
  }

  @Test
  void aFailureReachesTheCallerAndLeavesTheBackendUsable() {
    try (MemoryScope scope = backend.scope("test")) {
      BackendWeight broken = backend.prepare(new Ones(900, 2000, 700), Precision.F32, scope);
      BackendWeight sound = backend.prepare(new Ones(900, 2000, 900), Precision.F32, scope);
      Tensor x = scope.zeros(3, 2000);
      Tensor y = scope.tensor(3, 900);
      long before = backend.memory().used();
      for (int i = 0; i < 20; i++) {
        Exception e =
            assertThrows(
                IllegalStateException.class, () -> backend.linear(x, broken, null, null, y));
        assertEquals("row 700 is unreadable", e.getMessage());
      }
      assertEquals(before, backend.memory().used(), "what was begun is given back");
      backend.linear(x, sound, null, null, y);
      assertEquals(0, y.get(2, 899));
    }
  }

  @Test
  void infinitiesAndNanPassThroughRoundedProducts() {
    try (MemoryScope scope = backend.scope("test")) {
      BackendWeight weight = backend.prepare(new Ones(4, 3, 4), Precision.BF16, scope);
      Tensor x = scope.zeros(2, 3);
      x.set(0, 1, Double.NaN);
      x.set(1, 1, Double.POSITIVE_INFINITY);
      Tensor y = scope.tensor(2, 4);
      backend.linear(x, weight, null, null, y);
      assertTrue(Double.isNaN(y.get(0, 3)));
      assertEquals(Double.POSITIVE_INFINITY, y.get(1, 3));
    }
  }

  @Test
  void shapesThatDoNotFitAreRefused() {
    try (MemoryScope scope = backend.scope("test")) {
      BackendWeight weight = backend.prepare(new Ones(4, 3, 4), Precision.F32, scope);
      Tensor x = scope.zeros(2, 3);
      Tensor narrow = scope.zeros(2, 3);
      Exception e =
          assertThrows(
              IllegalArgumentException.class, () -> backend.linear(x, weight, null, null, narrow));
      assertTrue(e.getMessage().contains("[2, 4]"), e.getMessage());
      assertThrows(IllegalArgumentException.class, () -> backend.add(x, x, scope.tensor(3, 3)));
    }
  }

  @Test
  void tensorsOfAnotherBackendAreRefused() {
    try (ReferenceBackend other = new ReferenceBackend(OPTIONS);
        MemoryScope theirs = other.scope("theirs");
        MemoryScope ours = backend.scope("ours")) {
      BackendWeight weight = backend.prepare(new Ones(4, 3, 4), Precision.F32, ours);
      Tensor y = ours.tensor(2, 4);
      Tensor foreign = theirs.zeros(2, 3);
      assertThrows(
          IllegalArgumentException.class, () -> backend.linear(foreign, weight, null, null, y));
    }
  }

  @Test
  void memoryThatWasGivenBackIsNotTouched() {
    Tensor x;
    try (MemoryScope scope = backend.scope("test")) {
      x = scope.zeros(2, 2);
    }
    assertThrows(IllegalStateException.class, () -> x.get(0, 0));
    assertThrows(IllegalStateException.class, () -> backend.scale(x, 2));
  }

  @Test
  void aClosedBackendSaysSo() {
    OneDnnBackend closed = new OneDnnBackend(OPTIONS);
    try (MemoryScope scope = closed.scope("test")) {
      Tensor x = scope.zeros(1, 1);
      closed.close();
      Exception e = assertThrows(IllegalStateException.class, () -> closed.scale(x, 2));
      assertTrue(e.getMessage().contains("closed"), e.getMessage());
    }
    assertEquals(0, closed.memory().used());
  }

  @Test
  void aMatrixOfTwoGigabytesIsRefused() {
    try (MemoryScope scope = backend.scope("a large batch")) {
      MemoryCapException e =
          assertThrows(MemoryCapException.class, () -> scope.tensor(1 << 15, 1 << 15));
      assertTrue(e.getMessage().startsWith("a large batch needs"), e.getMessage());
    }
  }

  /** The system ends a process that takes more, without a word. */
  @Test
  void lessThanTheMachineHasIsHeldUnlessMoreIsAskedFor() {
    assertEquals(HostMemory.all() - HostMemory.all() / 8, backend.memory().cap());
    long more = 2 * HostMemory.all();
    try (OneDnnBackend capped = new OneDnnBackend(OPTIONS.withMemoryCap(more))) {
      assertEquals(more, capped.memory().cap());
    }
  }

  @Test
  void togetherBackendsWithoutCapHoldNoMoreThanOneMay() {
    long half = backend.memory().cap() / 2 + 1;
    try (OneDnnBackend second = new OneDnnBackend(OPTIONS);
        OneDnnBackend capped = new OneDnnBackend(OPTIONS.withMemoryCap(half))) {
      backend.memory().take(half, "a model");
      MemoryCapException e =
          assertThrows(MemoryCapException.class, () -> second.memory().take(half, "another"));
      assertTrue(e.getMessage().startsWith("another needs "), e.getMessage());
      assertTrue(e.getMessage().contains(" onednn backends of this process, "), e.getMessage());
      assertEquals(0, second.memory().used());
      capped.memory().take(half, "what was asked for");
      capped.memory().give(half);
      backend.memory().give(half);
      second.memory().take(half, "another");
      second.memory().give(half);
    }
  }

  /** What the system itself says; a container may have less. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void lessThanLinuxCountsIsHeld() throws IOException {
    Path counted = Path.of("/proc/meminfo");
    assumeTrue(Files.isReadable(counted), counted + " cannot be read");
    Matcher matcher = Pattern.compile("MemTotal:\\s+(\\d+) kB").matcher(Files.readString(counted));
    assertTrue(matcher.find(), counted + " has no MemTotal");
    long total = 1024 * Long.parseLong(matcher.group(1));
    long cap = backend.memory().cap();
    assertTrue(cap > 0 && cap <= total - total / 8, cap + " of " + total + " bytes");
  }
}
