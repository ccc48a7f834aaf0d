package io.github.lorascope.backend;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.LorascopeException;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.reflect.Proxy;
import java.util.List;
import org.junit.jupiter.api.Test;

class BackendsTest {
  @Test
  void startsTheOneThatIsNamed() {
    try (Backend backend = Backends.named("reference", BackendOptions.defaults())) {
      assertEquals("reference", backend.name());
    }
  }

  @Test
  void startsOneWhereNoneIsNamed() {
    try (Backend backend = Backends.best(BackendOptions.defaults())) {
      assertEquals(0, backend.memory().used());
    }
  }

  @Test
  void anUnknownNameIsAnErrorThatListsTheKnown() {
    BackendException e =
        assertThrows(
            BackendException.class, () -> Backends.named("abacus", BackendOptions.defaults()));
    assertTrue(e.getMessage().contains("'abacus'"), e.getMessage());
    assertTrue(e.getMessage().contains("reference"), e.getMessage());
  }

  @Test
  void optionsAreChecked() {
    BackendOptions options = BackendOptions.defaults();
    assertEquals(new BackendOptions(3, 1000), options.withThreads(3).withMemoryCap(1000));
    assertThrows(IllegalArgumentException.class, () -> options.withThreads(0));
    assertThrows(IllegalArgumentException.class, () -> options.withMemoryCap(0));
  }

  /** A backend that is described by its name, or fails to start. */
  private record Fake(String name, int rank, String obstacle, LorascopeException failure)
      implements BackendProvider {
    @Override
    public Backend open(BackendOptions options) {
      if (failure != null) {
        throw failure;
      }
      return (Backend)
          Proxy.newProxyInstance(
              Fake.class.getClassLoader(),
              new Class<?>[] {Backend.class},
              (proxy, method, arguments) -> method.getReturnType() == String.class ? name : null);
    }
  }

  private static final BackendProvider FULL =
      new Fake("gpu", 2, null, new BackendException("the GPU's memory is used up"));
  private static final BackendProvider ABSENT = new Fake("npu", 1, "there is none", null);
  private static final BackendProvider PLAIN = new Fake("cpu", 0, null, null);

  @Test
  void whatDoesNotStartIsPassedOverWithTheReason() {
    PrintStream console = System.err;
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    System.setErr(new PrintStream(log, true, UTF_8));
    try (Backend backend = Backends.best(List.of(FULL, ABSENT, PLAIN), BackendOptions.defaults())) {
      assertEquals("cpu", backend.name());
    } finally {
      System.setErr(console);
    }
    String said = log.toString(UTF_8);
    assertTrue(said.contains("gpu is passed over"), said);
    assertTrue(said.contains("the GPU's memory is used up"), said);
  }

  @Test
  void whatIsAskedForByNameStartsOrFails() {
    BackendException e =
        assertThrows(
            BackendException.class,
            () -> Backends.named("gpu", List.of(FULL, PLAIN), BackendOptions.defaults()));
    assertEquals("the GPU's memory is used up", e.getMessage());
  }

  @Test
  void whereNoneStartsTheReasonsAreKept() {
    BackendException e =
        assertThrows(
            BackendException.class,
            () -> Backends.best(List.of(FULL, ABSENT), BackendOptions.defaults()));
    assertTrue(e.getMessage().contains("gpu, npu"), e.getMessage());
    assertEquals("the GPU's memory is used up", e.getSuppressed()[0].getMessage());
  }
}
