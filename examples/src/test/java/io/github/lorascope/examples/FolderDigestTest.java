package io.github.lorascope.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.io.FileDigest;
import io.github.lorascope.io.FileReadException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderDigestTest {
  @TempDir private Path folder;

  @Test
  void aFolderIsWhatMatters() throws IOException {
    Path weights = Files.writeString(folder.resolve("model.safetensors"), "x");
    Files.writeString(folder.resolve("README.md"), "y");
    assertEquals(
        Map.of("model/model.safetensors", FileDigest.sha256(weights)),
        FolderDigest.of("model", folder));
  }

  @Test
  void aFileIsAllOfIt() throws IOException {
    Path file = Files.writeString(folder.resolve("m.gguf"), "z");
    assertEquals(Map.of("model/m.gguf", FileDigest.sha256(file)), FolderDigest.of("model", file));
  }

  @Test
  void whatIsMissingIsNamed() {
    Path missing = folder.resolve("none");
    String message =
        assertThrows(FileReadException.class, () -> FolderDigest.of("model", missing)).getMessage();
    assertTrue(message.contains(missing.toString()), message);
  }
}
