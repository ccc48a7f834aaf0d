package io.github.lorascope.tap;

import io.github.lorascope.lora.LoraAdapter;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Tells adapters apart by their numbers, so that what was found of one is not taken for what would
 * be found of another, nor of the same one trained further.
 */
public final class AdapterHash {
  /** What provenance calls it; {@link Snapshots} state it of the trained adapter. */
  public static final String NAME = "parameters_sha256";

  private AdapterHash() {}

  /**
   * Hashes all parameters, the head included, as they are now.
   *
   * @param adapter the adapter
   * @return 64 hexadecimal digits, the same for an adapter that was saved and loaded again
   */
  public static String of(LoraAdapter adapter) {
    float[] parameters = adapter.parameters().toArray();
    ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(Float.BYTES, parameters.length));
    bytes.asFloatBuffer().put(parameters);
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes.array()));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
