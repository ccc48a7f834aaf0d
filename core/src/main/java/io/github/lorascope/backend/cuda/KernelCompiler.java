package io.github.lorascope.backend.cuda;

import io.github.lorascope.io.AtomicFiles;
import io.github.lorascope.io.FileWriteException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Machine code of the kernels for one architecture, kept on disk under a hash of everything that it
 * depends on: sources, headers, options, and the compiler's version.
 */
final class KernelCompiler {
  private static final Logger log = LoggerFactory.getLogger(KernelCompiler.class);

  /** What machine code begins with. */
  private static final byte[] ELF = {0x7f, 'E', 'L', 'F'};

  private final Path folder;
  private final List<String> options;

  /**
   * Creates a compiler.
   *
   * @param folder where machine code is kept
   * @param architecture the GPU's compute capability times ten
   */
  KernelCompiler(Path folder, int architecture) {
    this.folder = folder;
    this.options = options(architecture);
  }

  /** What the compiler is told. */
  static List<String> options(int architecture) {
    return List.of("--gpu-architecture=sm_" + architecture, "--std=c++17");
  }

  /** The user's folder for what can be made again. */
  static Path defaultFolder() {
    String cache = System.getenv("XDG_CACHE_HOME");
    Path base =
        cache == null || cache.isBlank()
            ? Path.of(System.getProperty("user.home"), ".cache")
            : Path.of(cache);
    return base.resolve("lorascope").resolve("kernels");
  }

  /** Returns the machine code of a file, compiled where it is not kept yet. */
  byte[] cubin(KernelSource source) {
    Path file = folder.resolve(hash(source) + ".cubin");
    try {
      if (Files.exists(file)) {
        byte[] kept = Files.readAllBytes(file);
        if (kept.length > ELF.length && Arrays.mismatch(kept, ELF) == ELF.length) {
          return kept;
        }
        log.warn("kernels are compiled anew, as {} is damaged", file);
      }
    } catch (IOException e) {
      log.warn("kernels are compiled anew, as {} cannot be read: {}", file, e.toString());
    }
    byte[] cubin = Nvrtc.compile(source, options).cubin();
    try {
      AtomicFiles.write(file, out -> out.write(cubin));
    } catch (FileWriteException e) {
      log.warn("kernels are compiled anew at every start: {}", e.getMessage());
    }
    return cubin;
  }

  private String hash(KernelSource source) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (String header : KernelSource.HEADERS) {
        add(digest, KernelSource.text(header));
      }
      add(digest, source.text());
      options.forEach(option -> add(digest, option));
      source.defines().forEach(define -> add(digest, define));
      add(digest, Nvrtc.version());
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java has SHA-256", e);
    }
  }

  private static void add(MessageDigest digest, String text) {
    digest.update(text.getBytes(StandardCharsets.UTF_8));
    digest.update((byte) 0);
  }
}
