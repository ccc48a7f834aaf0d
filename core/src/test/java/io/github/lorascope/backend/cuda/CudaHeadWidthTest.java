package io.github.lorascope.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.backend.AttentionShape;
import io.github.lorascope.backend.Backend;
import io.github.lorascope.backend.BackendException;
import io.github.lorascope.backend.BackendOptions;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;
import org.junit.jupiter.api.Test;

class CudaHeadWidthTest {
  private static final BackendOptions OPTIONS = BackendOptions.defaults();

  @Test
  void headsThatAreTooWideAreRefusedBeforeAnythingRuns() {
    AttentionShape shape = new AttentionShape(1, 1, 129, 0, new int[] {0, 2}, new int[] {0, 2});
    LaunchLog log = new LaunchLog();
    try (Backend backend = new CudaBackend("cuda", log.watch(new IdleDevice()), OPTIONS);
        MemoryScope scope = backend.scope("test")) {
      Tensor x = scope.tensor(2, 129);
      BackendException forward =
          assertThrows(BackendException.class, () -> backend.attention(x, x, x, shape, x));
      BackendException backward =
          assertThrows(
              BackendException.class,
              () -> backend.attentionBackward(x, x, x, x, shape, x, x, x, x));
      for (BackendException e : new BackendException[] {forward, backward}) {
        assertTrue(e.getMessage().contains("at most 128 numbers, not 129"), e.getMessage());
        assertTrue(e.getMessage().contains("use the backend 'onednn'"), e.getMessage());
      }
      assertTrue(log.kernels().isEmpty(), log.kernels().toString());
      assertEquals(1, backend.memory().openScopes());
    }
  }
}
