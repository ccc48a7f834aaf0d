package io.github.lorascope.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HubSnapshotTest {
  private static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

  @ParameterizedTest
  @ValueSource(strings = {"", "/model.gguf", "/gguf/model.gguf", "/."})
  void aPathInASnapshotTellsItsModel(String within) {
    Path path = Path.of("hub/models--org--some.name/snapshots/" + COMMIT + within);
    assertEquals(Optional.of(new HubSnapshot("org/some.name", COMMIT)), HubSnapshot.of(path));
  }

  @Test
  void aNameMayHaveNoOrganisation() {
    Path path = Path.of("models--gpt2/snapshots/" + COMMIT);
    assertEquals("gpt2", HubSnapshot.of(path).orElseThrow().model());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "model",
        "snapshots/" + COMMIT,
        "/snapshots/" + COMMIT,
        "models--org--name/blobs/" + COMMIT,
        "models--org--name/snapshots/main",
        "datasets--org--name/snapshots/" + COMMIT
      })
  void anyOtherPathIsNone(String path) {
    assertEquals(Optional.empty(), HubSnapshot.of(Path.of(path)));
  }
}
