package io.github.lorascope.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFolderTest {
  /** No process has that number. */
  private static final String DEAD = 99_999_999 + "-" + UUID.randomUUID();

  @TempDir Path folder;

  @Test
  void bearsItsNameOnceItIsCommitted() throws IOException {
    Path target = folder.resolve("new/model");
    try (AtomicFolder whole = AtomicFolder.create(target, 3)) {
      Files.writeString(whole.path().resolve("a"), "one");
      Files.writeString(whole.path().resolve("b"), "two");
      assertTrue(Files.notExists(target));
      whole.commit();
    }
    assertEquals("one", Files.readString(target.resolve("a")));
    assertEquals("two", Files.readString(target.resolve("b")));
    assertEquals(List.of(target), list(target.getParent()));
  }

  @Test
  void whatIsNotCommittedIsGone() throws IOException {
    try (AtomicFolder whole = AtomicFolder.create(folder.resolve("model"), 3)) {
      Files.writeString(whole.path().resolve("a"), "one");
    }
    assertEquals(List.of(), list(folder));
  }

  @Test
  void takesTheNameOfAnEmptyFolderAndRemovesWhatAKilledWriterLeft() throws IOException {
    Path target = Files.createDirectory(folder.resolve("model"));
    Path left = Files.createDirectory(folder.resolve(".model." + DEAD + ".tmp"));
    Files.writeString(left.resolve("old"), "half");
    try (AtomicFolder whole = AtomicFolder.create(target, 0)) {
      Files.writeString(whole.path().resolve("a"), "one");
      whole.commit();
    }
    assertEquals(List.of(target), list(folder));
    assertEquals(List.of(target.resolve("a")), list(target));
  }

  @Test
  void refusesWhatHoldsSomething() throws IOException {
    Path full = Files.createDirectory(folder.resolve("full"));
    Files.writeString(full.resolve("a"), "kept");
    Path file = Files.writeString(folder.resolve("file"), "kept");
    refused("full: it exists and is not empty", full);
    refused("file: it exists and is not empty", file);
    assertEquals("kept", Files.readString(full.resolve("a")));
    assertEquals("kept", Files.readString(file));
    assertEquals(2, list(folder).size());
  }

  @Test
  void refusesWhatCameMeanwhile() throws IOException {
    Path target = folder.resolve("model");
    try (AtomicFolder whole = AtomicFolder.create(target, 0)) {
      Files.writeString(whole.path().resolve("a"), "mine");
      Files.createDirectory(target);
      Files.writeString(target.resolve("a"), "theirs");
      assertThrows(FileWriteException.class, whole::commit);
    }
    assertEquals("theirs", Files.readString(target.resolve("a")));
    assertEquals(List.of(target), list(folder));
  }

  @Test
  void oneWriterDoesNotGetIntoWhatAnotherWrites() throws IOException {
    Path target = folder.resolve("model");
    try (AtomicFolder first = AtomicFolder.create(target, 0)) {
      Files.writeString(first.path().resolve("a"), "first");
      try (AtomicFolder second = AtomicFolder.create(target, 0)) {
        Files.writeString(second.path().resolve("b"), "half");
        first.commit();
        assertEquals(List.of(target.resolve("a")), list(target));
        assertThrows(FileWriteException.class, second::commit);
      }
    }
    assertEquals("first", Files.readString(target.resolve("a")));
    assertEquals(List.of(target), list(folder));
  }

  @Test
  void refusesWhatTheDiskHasNoRoomFor() throws IOException {
    String message =
        assertThrows(
                FileWriteException.class,
                () -> AtomicFolder.create(folder.resolve("model"), Long.MAX_VALUE / 2))
            .getMessage();
    assertTrue(
        message.matches(".*model: it takes \\d+ MB, and the disk has \\d+ MB left"), message);
    assertEquals(List.of(), list(folder));
  }

  private static void refused(String part, Path target) {
    String message =
        assertThrows(FileWriteException.class, () -> AtomicFolder.create(target, 0)).getMessage();
    assertTrue(message.contains(part), message);
  }

  private static List<Path> list(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      return files.toList();
    }
  }
}
