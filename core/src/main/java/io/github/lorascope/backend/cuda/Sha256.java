package io.github.lorascope.backend.cuda;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** The digest that machine code is kept and checked by. */
final class Sha256 {
  static final int BYTES = 32;

  private Sha256() {}

  static byte[] of(byte[] bytes) {
    return digest().digest(bytes);
  }

  static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java has SHA-256", e);
    }
  }
}
