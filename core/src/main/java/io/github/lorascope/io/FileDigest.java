package io.github.lorascope.io;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
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
    return hash(file, digest("SHA-256"));
  }

  /**
   * Hashes a file as git names a blob: SHA-1 over {@code blob}, the size and the bytes (Chacon and
   * Straub, "Pro Git", chapter 10.2).
   *
   * @param file the file
   * @return the name, 40 hexadecimal digits
   * @throws FileReadException if it cannot be read
   */
  public static String gitBlob(Path file) {
    MessageDigest digest = digest("SHA-1");
    try {
      digest.update(("blob " + Files.size(file) + "\0").getBytes(StandardCharsets.US_ASCII));
    } catch (IOException e) {
      throw LineReader.unreadable(file, 0, e);
    }
    return hash(file, digest);
  }

  private static String hash(Path file, MessageDigest digest) {
    try (InputStream in = Files.newInputStream(file);
        DigestOutputStream out = new DigestOutputStream(OutputStream.nullOutputStream(), digest)) {
      in.transferTo(out);
      return HexFormat.of().formatHex(digest.digest());
    } catch (IOException e) {
      throw LineReader.unreadable(file, 0, e);
    }
  }

  private static MessageDigest digest(String algorithm) {
    try {
      return MessageDigest.getInstance(algorithm);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has " + algorithm, e);
    }
  }
}
