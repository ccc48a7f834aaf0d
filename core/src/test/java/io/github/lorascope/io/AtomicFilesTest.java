package io.github.lorascope.io;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFilesTest {
  /** No process has that number. */
  private static final long DEAD = 99_999_999;

  @TempDir Path folder;

  @Test
  void writesAndReplaces() throws IOException {
    Path file = folder.resolve("new/folder/a.txt");
    AtomicFiles.writeString(file, "one\n");
    AtomicFiles.writeString(file, "größer\n");
    assertEquals("größer\n", Files.readString(file));
    assertEquals(List.of(file), list(file.getParent()));
  }

  @Test
  void keepsTheOldContentWhenTheWriterFails() throws IOException {
    Path file = folder.resolve("a.txt");
    AtomicFiles.writeString(file, "old");
    FileWriteException failure =
        assertThrows(
            FileWriteException.class,
            () ->
                AtomicFiles.write(
                    file,
                    out -> {
                      out.write(new byte[100_000]);
                      throw new IOException("disk full");
                    }));
    assertTrue(failure.getMessage().contains("a.txt: disk full"), failure.getMessage());
    assertThrows(
        IllegalStateException.class,
        () ->
            AtomicFiles.write(
                file,
                out -> {
                  throw new IllegalStateException();
                }));
    assertEquals("old", Files.readString(file));
    assertEquals(List.of(file), list(folder));
  }

  @Test
  void survivesAWriterThatClosesItsStream() throws IOException {
    Path file = folder.resolve("a.bin");
    AtomicFiles.write(
        file,
        out -> {
          out.write(new byte[] {1, 2, 3});
          out.close();
        });
    assertEquals(3, Files.size(file));
  }

  @Test
  void removesWhatAKilledWriterLeft() throws IOException {
    Path file = folder.resolve("a.txt");
    long reused = ProcessHandle.current().pid();
    for (long process : new long[] {DEAD, reused}) {
      String name = ".a.txt." + process + "-" + UUID.randomUUID() + ".tmp";
      Files.writeString(folder.resolve(name), "half");
    }
    AtomicFiles.writeString(file, "whole");
    assertEquals("whole", Files.readString(file));
    assertEquals(List.of(file), list(folder));
  }

  @Test
  void leavesWhatIsOfALiveWriterOrOfAnotherFile() throws IOException {
    Path file = folder.resolve("a.txt");
    long alive = ProcessHandle.current().parent().orElseThrow().pid();
    Path theirs = folder.resolve(".a.txt." + alive + "-" + UUID.randomUUID() + ".tmp");
    Path other = folder.resolve(".a.txt.b." + DEAD + "-" + UUID.randomUUID() + ".tmp");
    Files.writeString(theirs, "half");
    Files.writeString(other, "half");
    AtomicFiles.writeString(file, "whole");
    assertEquals(Set.of(file, theirs, other), Set.copyOf(list(folder)));
  }

  @Test
  void oneWriterDoesNotGetIntoWhatAnotherWrites() throws IOException {
    Path file = folder.resolve("a.txt");
    AtomicFiles.write(
        file,
        first -> {
          first.write("first".getBytes(UTF_8));
          AtomicFiles.write(
              file,
              second -> {
                second.write("sec".getBytes(UTF_8));
                second.flush();
                second.write("ond".getBytes(UTF_8));
              });
          assertEquals("second", Files.readString(file));
        });
    assertEquals("first", Files.readString(file));
    assertEquals(List.of(file), list(folder));
  }

  @Test
  void saysWhatTheSystemSaysByTheNameAlone() {
    Path file = folder.resolve("a.txt");
    assertEquals(
        "Cannot write " + file + ": no permission",
        AtomicFile.failed(file, new AccessDeniedException(file + ".tmp")).getMessage());
    assertEquals(
        "Cannot write " + file + ": disk full",
        AtomicFile.failed(file, new IOException("disk full")).getMessage());
  }

  @Test
  void refusesAFolderAsTarget() throws IOException {
    assertThrows(FileWriteException.class, () -> AtomicFiles.writeString(folder, "x"));
    Path file = Files.writeString(folder.resolve("file"), "x");
    assertThrows(
        FileWriteException.class, () -> AtomicFiles.writeString(file.resolve("below"), "x"));
    assertEquals(List.of(file), list(folder));
  }

  private static List<Path> list(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      return files.toList();
    }
  }
}
