package io.github.lorascope.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KernelCacheTest {
  private static final byte[] CODE = code();

  @TempDir Path temporary;
  private Path folder;
  private Path file;

  @BeforeEach
  void names() {
    folder = temporary.resolve("lorascope").resolve("kernels");
    file = folder.resolve("name.cubin");
  }

  private static byte[] code() {
    byte[] code = new byte[100_000];
    for (int i = 0; i < code.length; i++) {
      code[i] = (byte) (31 * i);
    }
    return code;
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }

  private void posix() {
    assumeTrue(folder.getFileSystem().supportedFileAttributeViews().contains("posix"));
  }

  @Test
  void whatIsKeptIsFoundByTheNext() throws IOException {
    KernelCache cache = new KernelCache(folder);
    assertNull(cache.get("name"));
    cache.put("name", CODE);
    assertArrayEquals(CODE, cache.get("name"));
    assertArrayEquals(CODE, new KernelCache(folder).get("name"));
    assertEquals(List.of(file), files());
  }

  @Test
  void whatIsCutOffOrChangedIsAbsentUntilItIsKeptAnew() throws IOException {
    KernelCache cache = new KernelCache(folder);
    cache.put("name", CODE);
    byte[] whole = Files.readAllBytes(file);
    byte[] changed = whole.clone();
    changed[5000] ^= 1;
    for (byte[] damaged :
        List.of(Arrays.copyOf(whole, 60_000), Arrays.copyOf(whole, 9), new byte[0], changed)) {
      Files.write(file, damaged);
      assertNull(cache.get("name"));
    }
    cache.put("name", CODE);
    assertArrayEquals(CODE, cache.get("name"));
  }

  @Test
  void manyMayKeepTheSameAtOnce() throws Exception {
    Callable<Void> writer =
        () -> {
          KernelCache cache = new KernelCache(folder);
          for (int i = 0; i < 50; i++) {
            cache.put("name", CODE);
            assertArrayEquals(CODE, cache.get("name"));
          }
          return null;
        };
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      for (Future<Void> done : threads.invokeAll(List.of(writer, writer, writer, writer))) {
        done.get();
      }
    } finally {
      threads.shutdown();
    }
    assertEquals(List.of(file), files());
  }

  @Test
  void theFolderIsTheUsersAlone() throws IOException {
    posix();
    new KernelCache(folder).put("name", CODE);
    assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)));
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
  }

  @Test
  void codeThatOthersCanChangeIsNotRun() throws IOException {
    posix();
    KernelCache cache = new KernelCache(folder);
    cache.put("name", CODE);
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
    assertNull(new KernelCache(folder).get("name"));
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    assertArrayEquals(CODE, new KernelCache(folder).get("name"));
    Files.createSymbolicLink(folder.resolve("link.cubin"), file);
    assertNull(new KernelCache(folder).get("link"));
  }

  @Test
  void whereNothingCanBeKeptNothingIsFound() throws IOException {
    for (Path impossible : new Path[] {null, Files.createFile(temporary.resolve("file"))}) {
      KernelCache cache = new KernelCache(impossible);
      cache.put("name", CODE);
      assertNull(cache.get("name"));
    }
  }

  @Test
  void aFolderThatIsTakenAwayEndsNothing() throws IOException {
    KernelCache cache = new KernelCache(folder);
    Files.delete(folder);
    cache.put("name", CODE);
    assertNull(cache.get("name"));
  }

  @Test
  void itLiesWhereTheSystemKeepsWhatCanBeMadeAgain() {
    Path cache = temporary.toAbsolutePath();
    String home = temporary.resolve("home").toAbsolutePath().toString();
    assertEquals(
        cache.resolve("lorascope").resolve("kernels"), KernelCache.folder("" + cache, home));
    Path expected = Path.of(home, ".cache", "lorascope", "kernels");
    assertEquals(expected, KernelCache.folder(null, home));
    assertEquals(expected, KernelCache.folder("", home));
    assertEquals(expected, KernelCache.folder("relative", home));
    assertNull(KernelCache.folder(null, "?"));
    assertNull(KernelCache.folder(null, null));
  }
}
