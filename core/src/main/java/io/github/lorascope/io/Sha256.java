package io.github.lorascope.io;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** Begins hashes that identify what was computed with. */
public final class Sha256 {
  private Sha256() {}

  /**
   * Begins a hash.
   *
   * @return a digest of nothing yet
   */
  public static MessageDigest begin() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
