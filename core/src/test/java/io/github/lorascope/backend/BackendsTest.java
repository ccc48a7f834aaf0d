package io.github.lorascope.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
}
