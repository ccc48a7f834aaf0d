package io.github.lorascope.backend.cuda;

import io.github.lorascope.io.Folders;
import io.github.lorascope.io.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Machine code on disk, for any number of processes at once. Each file begins with the digest of
 * the rest, and one that is cut off or damaged counts as absent. As the code is run, the folder has
 * to be the user's own. Where nothing can be kept, that is logged once, and nothing else changes.
 * One thread at a time.
 */
final class KernelCache {
  private static final Logger log = LoggerFactory.getLogger(KernelCache.class);

  /** Whose owner the process is, under Linux. */
  private static final Path PROCESS = Path.of("/proc/self");

  private static final int DIGEST_BYTES = 32;

  private Path folder;

  /**
   * Opens a folder, which is made if it is missing.
   *
   * @param folder where it lies; null where there is no place for it
   */
  KernelCache(Path folder) {
    this.folder = folder;
    if (folder == null) {
      giveUp("the user has no home, and XDG_CACHE_HOME is not set");
      return;
    }
    try {
      String objection = objection(folder);
      if (objection != null) {
        giveUp(folder + " " + objection);
      }
    } catch (IOException e) {
      giveUp(e.toString());
    }
  }

  /** Opens the user's folder for what can be made again. */
  static KernelCache ofUser() {
    return new KernelCache(
        folder(System.getenv("XDG_CACHE_HOME"), System.getProperty("user.home")));
  }

  /** Finds it, or null; what is not absolute is, by the XDG's rules and Java's "?", no folder. */
  static Path folder(String cacheHome, String home) {
    Path base = null;
    if (cacheHome != null && Path.of(cacheHome).isAbsolute()) {
      base = Path.of(cacheHome);
    } else if (home != null && Path.of(home).isAbsolute()) {
      base = Path.of(home, ".cache");
    }
    return base == null ? null : base.resolve("lorascope").resolve("kernels");
  }

  /** Returns what is kept under a name, or null. */
  byte[] get(String name) {
    if (folder == null) {
      return null;
    }
    Path file = file(name);
    try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
      ByteBuffer kept = ByteBuffer.wrap(in.readAllBytes());
      byte[] digest = new byte[Math.min(DIGEST_BYTES, kept.remaining())];
      kept.get(digest);
      byte[] code = new byte[kept.remaining()];
      kept.get(code);
      if (Arrays.equals(digest, Sha256.begin().digest(code))) {
        return code;
      }
      log.warn("kernels are compiled anew, as {} is damaged", file);
    } catch (NoSuchFileException e) {
      log.debug("{} is not there yet", file);
    } catch (IOException e) {
      log.warn("kernels are compiled anew, as {} cannot be read: {}", file, e.toString());
    }
    return null;
  }

  /** Keeps something under a name, in the place of what may be there. */
  void put(String name, byte[] code) {
    if (folder == null) {
      return;
    }
    try {
      // A name of its own for each writer; others of the same code do not get in the way.
      Path temporary = Files.createTempFile(folder, name, ".tmp");
      try {
        ByteBuffer bytes = ByteBuffer.allocate(DIGEST_BYTES + code.length);
        Files.write(temporary, bytes.put(Sha256.begin().digest(code)).put(code).array());
        Files.move(temporary, file(name), StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(temporary);
      }
    } catch (IOException e) {
      giveUp(e.toString());
    }
  }

  private Path file(String name) {
    return folder.resolve(name + ".cubin");
  }

  private void giveUp(String reason) {
    log.warn("kernels are compiled anew at every start: {}", reason);
    folder = null;
  }

  /** Says why code from a folder cannot be trusted; null if it can. */
  private static String objection(Path folder) throws IOException {
    if (!folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Folders.create(folder);
      return null;
    }
    Folders.create(
        folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    PosixFileAttributes attributes = Files.readAttributes(folder, PosixFileAttributes.class);
    if (attributes.permissions().contains(PosixFilePermission.GROUP_WRITE)
        || attributes.permissions().contains(PosixFilePermission.OTHERS_WRITE)) {
      return "can be written to by others: take that from them (chmod go-w)";
    }
    return !Files.exists(PROCESS) || attributes.owner().equals(Files.getOwner(PROCESS))
        ? null
        : "belongs to " + attributes.owner().getName() + ": name a folder in XDG_CACHE_HOME";
  }
}
