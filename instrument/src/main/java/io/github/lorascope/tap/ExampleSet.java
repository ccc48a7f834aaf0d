package io.github.lorascope.tap;

import io.github.lorascope.checkpoint.SafetensorsWriter;
import io.github.lorascope.data.PairExample;
import io.github.lorascope.io.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * Which pairs something was recorded on.
 *
 * @param labels 0 or 1 a pair
 * @param sha256 of the pairs' texts and labels, in their order
 */
@SuppressWarnings("ArrayRecordComponent") // compared by isSame
record ExampleSet(int[] labels, String sha256) {
  private static final String HASH = "examples_sha256";

  static ExampleSet of(List<PairExample> pairs) {
    if (pairs.isEmpty()) {
      throw new IllegalArgumentException("there is no pair to look at");
    }
    MessageDigest digest = Sha256.begin();
    for (PairExample pair : pairs) {
      for (String text : List.of(pair.query(), pair.a(), pair.b(), "" + pair.label())) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).array());
        digest.update(bytes);
      }
    }
    return new ExampleSet(
        pairs.stream().mapToInt(PairExample::label).toArray(),
        HexFormat.of().formatHex(digest.digest()));
  }

  static ExampleSet in(TapFile file) {
    long[] stored = file.longs("labels");
    int[] labels = new int[stored.length];
    for (int i = 0; i < labels.length; i++) {
      if (stored[i] != 0 && stored[i] != 1) {
        throw file.foreign("label " + i + " is " + stored[i] + "; 0 stands for A, 1 for B");
      }
      labels[i] = (int) stored[i];
    }
    if (labels.length == 0) {
      throw file.foreign("it has no example");
    }
    return new ExampleSet(labels, file.text(HASH));
  }

  void addTo(SafetensorsWriter writer) {
    long[] stored = Arrays.stream(labels).asLongStream().toArray();
    writer.i64("labels", stored, stored.length).metadata(HASH, sha256);
  }

  int size() {
    return labels.length;
  }

  boolean isSame(ExampleSet other) {
    return sha256.equals(other.sha256) && Arrays.equals(labels, other.labels);
  }
}
