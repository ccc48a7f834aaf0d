package io.github.lorascope.examples;

import static io.github.lorascope.examples.KernelBench.bytes;

import io.github.lorascope.backend.AttentionShape;
import io.github.lorascope.backend.Backend;
import io.github.lorascope.checkpoint.ModelConfig;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;
import java.util.Arrays;

/** Attention and its gradient: even sequences, ragged ones, and last tokens alone. */
record AttentionKernels(KernelBench bench, int pairs, int length) {
  /** Products of the gradient to those of the forward pass: scores again, and four more. */
  private static final double BACKWARD = 2.5;

  void run() {
    int[] even = new int[pairs];
    Arrays.fill(even, length);
    time(pairs + " x " + length, even, false);
    time(pairs + " ragged, mean " + length, ragged(), false);
    time(pairs + " x " + length + ", last token", even, true);
  }

  /** From an eighth of the length to nearly twice it, with as many tokens in all. */
  private int[] ragged() {
    int[] lengths = new int[pairs];
    int shortest = Math.max(1, length / 8);
    for (int i = 0; i < pairs; i++) {
      int mirrored = pairs - 1 - i;
      int low = shortest + (length - shortest) * Math.min(i, mirrored) * 2 / Math.max(1, pairs - 1);
      lengths[i] = i <= mirrored ? low : 2 * length - low;
    }
    return lengths;
  }

  private static int[] offsets(int[] lengths) {
    int[] offsets = new int[lengths.length + 1];
    for (int i = 0; i < lengths.length; i++) {
      offsets[i + 1] = offsets[i] + lengths[i];
    }
    return offsets;
  }

  private void time(String size, int[] lengths, boolean lastOnly) {
    ModelConfig config = bench.config();
    Backend backend = bench.backend();
    int[] keys = offsets(lengths);
    int[] queries = keys;
    double scores = 0;
    if (lastOnly) {
      queries = new int[keys.length];
      Arrays.setAll(queries, i -> i);
    }
    AttentionShape shape =
        new AttentionShape(
            config.heads(),
            config.keyValueHeads(),
            config.headDimension(),
            config.window(0),
            queries,
            keys);
    for (int s = 0; s < shape.sequences(); s++) {
      for (int query = 0; query < shape.queries(s); query++) {
        scores += shape.lastKey(s, query) - shape.firstKey(s, query) + 1;
      }
    }
    double flops = 4.0 * scores * config.queryWidth();
    int width = config.keyValueWidth();
    try (MemoryScope scope = backend.scope("attention")) {
      Tensor q = bench.activations(scope, queries[queries.length - 1], config.queryWidth());
      Tensor kv = bench.activations(scope, keys[keys.length - 1], 2 * width);
      Tensor k = kv.columns(0, width);
      Tensor v = kv.columns(width, 2 * width);
      Tensor y = bench.activations(scope, q.rows(), q.columns());
      bench.time(
          "attention", size, bytes(q, kv, y), flops, y, () -> backend.attention(q, k, v, shape, y));
      backend.attention(q, k, v, shape, y);
      Tensor dy = bench.activations(scope, q.rows(), q.columns());
      Tensor dq = bench.activations(scope, q.rows(), q.columns());
      Tensor dkv = bench.activations(scope, kv.rows(), kv.columns());
      bench.time(
          "attention backward",
          size,
          bytes(q, kv, y, dy, dq, dkv),
          BACKWARD * flops,
          dq,
          () ->
              backend.attentionBackward(
                  dy, q, k, v, shape, y, dq, dkv.columns(0, width), dkv.columns(width, 2 * width)));
    }
  }
}
