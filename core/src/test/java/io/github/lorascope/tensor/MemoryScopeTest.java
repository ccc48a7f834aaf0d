package io.github.lorascope.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.backend.Backend;
import io.github.lorascope.backend.BackendOptions;
import io.github.lorascope.backend.Backends;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Scopes and the account they are counted in, on the Reference backend with 1,000 bytes. */
class MemoryScopeTest {
  private final Backend backend =
      Backends.named("reference", BackendOptions.defaults().withMemoryCap(1000));
  private final MemoryAccount account = backend.memory();

  @AfterEach
  void close() {
    backend.close();
  }

  @Test
  void closingFreesAndClosingAgainDoesNothing() {
    MemoryScope scope = backend.scope("first");
    MemoryScope other = backend.scope("second");
    Tensor kept = other.zeros(1, 5);
    Tensor freed = scope.zeros(10, 10);
    assertEquals(4L * (freed.storage().size() + kept.storage().size()), account.used());
    assertEquals(2, account.openScopes());
    scope.close();
    scope.close();
    assertEquals(4L * kept.storage().size(), account.used());
    assertEquals(1, account.openScopes());
    other.close();
    assertEquals(0, account.used());
    assertEquals(0, account.openScopes());
    assertEquals(420, account.peak());
  }

  @Test
  void whatWasNeededSinceAMarkCountsWhatIsHeldThenButNoSlack() {
    account.take(200, "before");
    account.give(100);
    account.mark();
    assertEquals(100, account.neededSinceMark());
    account.take(100, 30, "a larger block, used again");
    account.give(100, 30);
    account.take(40, "less");
    assertEquals(170, account.neededSinceMark());
    assertEquals(200, account.peak());
    account.mark();
    assertEquals(140, account.neededSinceMark());
    account.give(140);
    assertEquals(0, account.used());
  }

  @Test
  void aClosedScopeMakesNoTensors() {
    MemoryScope scope = backend.scope("done");
    scope.close();
    String message =
        assertThrows(IllegalStateException.class, () -> scope.tensor(1, 1)).getMessage();
    assertTrue(message.contains("'done'"), message);
    assertEquals(0, account.used());
  }

  @Test
  void pastTheCapTheMessageSaysWhatWasNeededAndWhatToDo() {
    try (MemoryScope scope = backend.scope("activations of layer 3")) {
      Tensor held = scope.zeros(1, 50);
      String message =
          assertThrows(MemoryCapException.class, () -> scope.tensor(1_000_000, 300)).getMessage();
      assertTrue(
          message.startsWith(
              "activations of layer 3 needs 1,200.0 MB more on the reference backend,"
                  + " which holds 0.0 MB of at most 0.0 MB"),
          message);
      assertTrue(message.contains("raise the memory cap"), message);
      assertEquals(4L * held.storage().size(), account.used());
      assertEquals(800, 4 * scope.tensor(1, 200).storage().size(), "just what is left");
      assertThrows(MemoryCapException.class, () -> scope.tensor(1, 1));
    }
    assertEquals(0, account.used());
  }

  @Test
  void moreThanAJavaArrayHoldsIsRefused() {
    try (Backend large = Backends.named("reference", BackendOptions.defaults());
        MemoryScope scope = large.scope("attention")) {
      String message =
          assertThrows(MemoryCapException.class, () -> scope.tensor(1 << 16, 1 << 16)).getMessage();
      assertTrue(message.startsWith("attention needs a matrix of 4294967296 numbers"), message);
      assertEquals(0, large.memory().used());
    }
  }

  @Test
  void whatIsAttachedClosesOnceAndLastFirst() {
    List<String> closed = new ArrayList<>();
    MemoryScope scope = backend.scope("owner");
    scope.attach(() -> closed.add("first"));
    scope.attach(() -> closed.add("second"));
    scope.close();
    scope.close();
    assertEquals(List.of("second", "first"), closed);
  }

  @Test
  void allIsFreedWhateverFailsToClose() {
    List<String> closed = new ArrayList<>();
    LinkageError error = new LinkageError("no such function");
    MemoryScope scope = backend.scope("owner");
    scope.tensor(2, 3);
    scope.attach(() -> closed.add("first"));
    scope.attach(
        () -> {
          throw new IOException("no such file");
        });
    scope.attach(
        () -> {
          throw error;
        });
    assertSame(error, assertThrows(LinkageError.class, scope::close));
    assertEquals("no such file", error.getSuppressed()[0].getMessage());
    assertEquals(List.of("first"), closed);
    assertEquals(0, backend.memory().used());
    assertEquals(0, backend.memory().openScopes());
  }
}
