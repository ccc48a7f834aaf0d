package io.github.lorascope.decoder;

import io.github.lorascope.decoder.AdapterTensors.Site;
import io.github.lorascope.io.Sha256;
import io.github.lorascope.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;

/** Identifies an adapter by its numbers, wherever they came from. */
final class AdapterDigest {
  private AdapterDigest() {}

  /** Hashes the scale and every matrix: SHA-256, 64 hexadecimal digits. */
  static String of(Adapter adapter) {
    MessageDigest digest = Sha256.begin();
    add(digest, "scale " + adapter.scale());
    List<Site> sites =
        adapter.values().paths().keySet().stream()
            .sorted(Comparator.comparingInt(Site::layer).thenComparing(Site::module))
            .toList();
    for (Site site : sites) {
      LowRankPair path = adapter.values().paths().get(site);
      add(digest, site.layer() + " " + site.module());
      add(digest, path.a());
      add(digest, path.b());
    }
    add(digest, adapter.values().head());
    return HexFormat.of().formatHex(digest.digest());
  }

  private static void add(MessageDigest digest, String text) {
    digest.update((text + "\0").getBytes(StandardCharsets.UTF_8));
  }

  private static void add(MessageDigest digest, Tensor tensor) {
    add(digest, tensor.rows() + " x " + tensor.columns());
    float[] values = tensor.toArray();
    ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES);
    bytes.asFloatBuffer().put(values);
    digest.update(bytes);
  }
}
