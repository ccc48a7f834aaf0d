package io.github.lorascope.io;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Recognizes files that hold text only once they are unpacked. Read as lines they would be garbage
 * that may pass for text: the header of a tar archive becomes a part of the first line.
 */
final class PackedFormat {
  /** How many of a file's first bytes tell. */
  static final int BYTES = 265;

  private static final int TAR_MAGIC = 257;
  private static final String BZIP2_BLOCK = "1AY&SY";

  private PackedFormat() {}

  /**
   * Recognizes a file.
   *
   * @param start its first bytes, as many as {@link #BYTES} where it has them
   * @return what it is, such as "a tar archive"; empty for what may be text
   */
  static Optional<String> of(byte[] start) {
    String text = new String(start, StandardCharsets.ISO_8859_1);
    if (text.startsWith("ustar\0", TAR_MAGIC) || text.startsWith("ustar  \0", TAR_MAGIC)) {
      return Optional.of("a tar archive");
    }
    if (text.startsWith("PK\u0003\u0004")) {
      return Optional.of("a zip archive");
    }
    if (text.startsWith("BZh") && text.startsWith(BZIP2_BLOCK, 4)) {
      return Optional.of("packed by bzip2");
    }
    if (text.startsWith("\u00FD7zXZ\0")) {
      return Optional.of("packed by xz");
    }
    if (text.startsWith("(\u00B5/\u00FD")) {
      return Optional.of("packed by zstd");
    }
    return text.startsWith("PAR1\u0015") ? Optional.of("a Parquet file") : Optional.empty();
  }
}
