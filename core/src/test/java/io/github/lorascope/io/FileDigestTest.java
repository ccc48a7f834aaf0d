package io.github.lorascope.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileDigestTest {
  @TempDir private Path folder;

  /** The values are those of FIPS 180-4's examples. */
  @Test
  void isTheHashOfTheBytes() throws IOException {
    assertEquals("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", hash("abc"));
    assertEquals(
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
        hash("a".repeat(1_000_000)));
  }

  private String hash(String content) throws IOException {
    return FileDigest.sha256(Files.writeString(folder.resolve("file"), content));
  }

  @Test
  void aMissingFileIsNamed() {
    Path absent = folder.resolve("absent");
    String message =
        assertThrows(FileReadException.class, () -> FileDigest.sha256(absent)).getMessage();
    assertTrue(message.contains("there is no file " + absent), message);
  }
}
