package io.github.lorascope.backend.cuda;

import io.github.lorascope.io.Sha256;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Machine code of the kernels for one architecture, kept under a hash of everything that it depends
 * on: sources, headers, options, and the compiler's build. One thread at a time.
 */
final class KernelCompiler {
  private static final Logger log = LoggerFactory.getLogger(KernelCompiler.class);

  private final KernelCache cache;
  private final List<String> options;
  private boolean told;

  /**
   * Creates a compiler.
   *
   * @param cache where machine code is kept
   * @param architecture the GPU's compute capability times ten
   */
  KernelCompiler(KernelCache cache, int architecture) {
    this.cache = cache;
    this.options = options(architecture);
  }

  /** What the compiler is told. */
  static List<String> options(int architecture) {
    return List.of("--gpu-architecture=sm_" + architecture, "--std=c++17");
  }

  /** Returns the machine code of a file, compiled where it is not kept yet. */
  byte[] cubin(KernelSource source) {
    byte[] kept = cache.get(hash(source));
    return kept == null ? compile(source) : kept;
  }

  /** Compiles a file, whatever is kept. */
  byte[] compile(KernelSource source) {
    if (!told) {
      told = true;
      log.info("kernels are compiled for this GPU, which takes some seconds of the first pass");
    }
    byte[] cubin = Nvrtc.compile(source, options).cubin();
    cache.put(hash(source), cubin);
    return cubin;
  }

  private String hash(KernelSource source) {
    MessageDigest digest = Sha256.begin();
    for (String header : KernelSource.HEADERS) {
      add(digest, KernelSource.text(header));
    }
    add(digest, source.text());
    options.forEach(option -> add(digest, option));
    source.defines().forEach(define -> add(digest, define));
    add(digest, Nvrtc.build());
    return HexFormat.of().formatHex(digest.digest());
  }

  private static void add(MessageDigest digest, String text) {
    digest.update(text.getBytes(StandardCharsets.UTF_8));
    digest.update((byte) 0);
  }
}
