package io.github.lorascope.rerank;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.io.FileReadException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelIdentityTest {
  @TempDir private Path folder;

  @Test
  void aFolderIsWhatAModelIsMadeOf() throws IOException {
    Path weights = Files.write(folder.resolve("model.safetensors"), new byte[100]);
    for (String name : List.of("config.json", "tokenizer.json")) {
      Files.writeString(folder.resolve(name), "{}");
    }
    String sample = ModelIdentity.sample(folder);
    Files.writeString(folder.resolve("README.md"), "x");
    assertEquals(sample, ModelIdentity.sample(folder));
    for (String name : List.of("config.json", "tokenizer.json")) {
      Files.writeString(folder.resolve(name), "[]");
      assertNotEquals(sample, ModelIdentity.sample(folder));
      Files.writeString(folder.resolve(name), "{}");
      assertEquals(sample, ModelIdentity.sample(folder));
    }
    byte[] changed = new byte[100];
    changed[99] = 1;
    Files.write(weights, changed);
    assertNotEquals(sample, ModelIdentity.sample(folder));
  }

  @Test
  void ofALargeFileTheSizeAndPartsEverywhereCount() throws IOException {
    byte[] bytes = new byte[40_000_000];
    Path file = Files.write(folder.resolve("m.gguf"), bytes);
    String sample = ModelIdentity.sample(file);
    Files.write(file, new byte[bytes.length + 1]);
    assertNotEquals(sample, ModelIdentity.sample(file));
    for (int tenth = 0; tenth < 10; tenth++) {
      byte[] changed = new byte[bytes.length];
      for (int i = 0; i < bytes.length / 10; i++) {
        changed[tenth * (bytes.length / 10) + i] = 1;
      }
      Files.write(file, changed);
      assertNotEquals(sample, ModelIdentity.sample(file), "part " + tenth);
    }
    byte[] changed = new byte[bytes.length];
    changed[bytes.length - 1] = 1;
    Files.write(file, changed);
    assertNotEquals(sample, ModelIdentity.sample(file), "the last byte");
    Files.write(file, bytes);
    assertEquals(sample, ModelIdentity.sample(file));
  }

  @Test
  void whatIsMissingIsNamed() {
    Path missing = folder.resolve("none");
    String message =
        assertThrows(FileReadException.class, () -> ModelIdentity.sample(missing)).getMessage();
    assertTrue(message.contains(missing.toString()), message);
  }

  @Test
  void settingsThatIdentifyNoModelTakeThatOfNow() {
    Map<String, String> now = Map.of("model", "m", "model_sample_sha256", "0f", "seed", "1");
    assertEquals(
        Map.of("model", "mine", "model_sample_sha256", "0f"),
        ModelIdentity.completed(Map.of("model", "mine"), now));
    Map<String, String> kept = Map.of("model_sample_sha256", "ff");
    assertEquals(kept, ModelIdentity.completed(kept, now));
  }
}
