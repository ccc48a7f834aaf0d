package io.github.lorascope.io;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Identifies files by their bytes. */
public final class FileDigest {
  private FileDigest() {}

  /**
   * Hashes a file, whatever its size.
   *
   * @param file the file, as it lies there: a packed one is not unpacked
   * @return SHA-256 of its bytes, 64 hexadecimal digits
   * @throws FileReadException if it cannot be read
   */
  public static String sha256(Path file) {
    try (InputStream in = Files.newInputStream(file);
        DigestOutputStream out =
            new DigestOutputStream(OutputStream.nullOutputStream(), sha256())) {
      in.transferTo(out);
      return HexFormat.of().formatHex(out.getMessageDigest().digest());
    } catch (IOException e) {
      throw LineReader.unreadable(file, 0, e);
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
