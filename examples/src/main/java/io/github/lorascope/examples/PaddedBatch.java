package io.github.lorascope.examples;

import io.github.lorascope.checkpoint.SafetensorsFile;
import io.github.lorascope.decoder.TokenBatch;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A batch as transformers takes it, every sequence padded to the same width, and its packed form.
 */
record PaddedBatch(TokenBatch packed, int[] labels, int width, boolean[] real) {
  static PaddedBatch read(SafetensorsFile file) {
    List<Long> shape = file.info("input_ids").shape();
    int count = Math.toIntExact(shape.get(0));
    int width = Math.toIntExact(shape.get(1));
    LongBuffer ids = file.data("input_ids").asLongBuffer();
    LongBuffer mask = file.data("attention_mask").asLongBuffer();
    LongBuffer labels = file.data("labels").asLongBuffer();
    boolean[] real = new boolean[count * width];
    List<int[]> sequences = new ArrayList<>();
    int[] labelOf = new int[count];
    for (int s = 0; s < count; s++) {
      List<Integer> sequence = new ArrayList<>();
      for (int t = 0; t < width; t++) {
        real[s * width + t] = mask.get(s * width + t) != 0;
        if (real[s * width + t]) {
          sequence.add((int) ids.get(s * width + t));
        }
      }
      sequences.add(sequence.stream().mapToInt(Integer::intValue).toArray());
      labelOf[s] = (int) labels.get(s);
    }
    return new PaddedBatch(TokenBatch.of(sequences), labelOf, width, real);
  }

  /** Of padded rows, those of real tokens. */
  float[] realRows(float[] padded, int columns) {
    float[] rows = new float[packed.tokens() * columns];
    int next = 0;
    for (int row = 0; row < real.length; row++) {
      if (real[row]) {
        System.arraycopy(padded, row * columns, rows, next, columns);
        next += columns;
      }
    }
    return rows;
  }
}
