package io.github.lorascope.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.lorascope.backend.Backend;
import io.github.lorascope.backend.BackendException;
import io.github.lorascope.backend.BackendOptions;
import io.github.lorascope.backend.Backends;
import java.util.List;
import org.junit.jupiter.api.Test;

class CudaProviderTest {
  private static final BackendOptions OPTIONS = BackendOptions.defaults();

  @Test
  void whereThereIsNoDriverNothingIsLoadedAndTheMessageSaysWhatToInstall() {
    String obstacle = CudaLibraries.obstacle(List.of(), "Linux");
    assertTrue(obstacle.contains("no NVIDIA driver"), obstacle);
    assertTrue(obstacle.contains("install"), obstacle);
  }

  @Test
  void askedForAndAbsentItIsAnError() {
    String obstacle = new CudaProvider().obstacle();
    assumeTrue(obstacle != null, "there is a GPU");
    BackendException e =
        assertThrows(BackendException.class, () -> Backends.named("cuda", OPTIONS));
    assertEquals("the backend cuda cannot run here: " + obstacle, e.getMessage());
    assertFalse(Backends.names().contains("cuda"));
    try (Backend best = Backends.best(OPTIONS)) {
      assertNotEquals("cuda", best.name());
    }
  }
}
