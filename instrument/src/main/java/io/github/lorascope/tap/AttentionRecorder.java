package io.github.lorascope.tap;

import io.github.lorascope.backend.AttentionShape;
import io.github.lorascope.backend.Backend;
import io.github.lorascope.prompt.EncodedPrompt;
import io.github.lorascope.prompt.TokenSpan;
import io.github.lorascope.rerank.Reranker;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Reduces attention to masses and entropy where it arises, a sequence and a few heads at a time.
 */
final class AttentionRecorder implements Observer {
  /** Bounds the scratch for the matrices of a sequence; the heads of one key head must fit. */
  static final long SCRATCH_NUMBERS = 1 << 24;

  private final Backend backend;
  private final ExampleSet examples;
  private final List<Integer> layers;
  private final int heads;
  private final Set<Integer> kept;
  private final long scratch;
  private final Map<AttentionQuantity, float[]> values = new EnumMap<>(AttentionQuantity.class);
  private final Map<MatrixKey, float[]> matrices = new TreeMap<>();

  AttentionRecorder(AttentionTap tap, Reranker reranker, ExampleSet examples, long scratch) {
    this.backend = reranker.decoder().backend();
    this.examples = examples;
    this.layers = tap.choice().upTo(reranker.decoder().config().layers() - 1);
    this.heads = reranker.decoder().config().heads();
    this.kept = tap.matrices();
    this.scratch = scratch;
    for (int example : kept) {
      if (example < 0 || example >= examples.size()) {
        throw new IllegalArgumentException(
            "there is no example " + example + " of " + examples.size() + " to keep matrices of");
      }
    }
    int count = Math.multiplyExact(Math.multiplyExact(examples.size(), layers.size()), heads);
    for (AttentionQuantity quantity : AttentionQuantity.values()) {
      values.put(quantity, new float[count]);
    }
  }

  AttentionMeasurement measurement() {
    return new AttentionMeasurement(examples, layers, heads, values, matrices);
  }

  @Override
  public void attention(PromptBatch batch, int layer, Tensor q, Tensor k, AttentionShape shape) {
    if (!layers.contains(layer)) {
      return;
    }
    for (int i = 0; i < batch.size(); i++) {
      sequence(batch, i, layer, q, k, shape);
    }
  }

  /** Query heads that share a key head stay together. */
  private void sequence(
      PromptBatch batch, int index, int layer, Tensor q, Tensor k, AttentionShape shape) {
    int tokens = shape.keys(index);
    int sharing = shape.heads() / shape.keyValueHeads();
    long matrix = (long) tokens * tokens;
    long fitting = scratch / (matrix * sharing);
    int groups = (int) Math.max(1, Math.min(shape.keyValueHeads(), fitting));
    for (int from = 0; from < shape.keyValueHeads(); from += groups) {
      int to = Math.min(shape.keyValueHeads(), from + groups);
      int width = shape.headDim();
      AttentionShape part =
          new AttentionShape(
              (to - from) * sharing,
              to - from,
              width,
              shape.window(),
              shape.queryOffsets(),
              shape.keyOffsets());
      try (MemoryScope scope = backend.scope("the attention of " + tokens + " tokens")) {
        Tensor p = scope.tensor(part.heads() * tokens, tokens);
        backend.attentionWeights(
            q.columns(from * sharing * width, to * sharing * width),
            k.columns(from * width, to * width),
            part,
            index,
            p);
        for (int h = 0; h < part.heads(); h++) {
          Tensor rows = p.rows(h * tokens, (h + 1) * tokens);
          head(batch.first() + index, layer, from * sharing + h, batch.prompts().get(index), rows);
        }
      }
    }
  }

  private void head(int example, int layer, int head, EncodedPrompt prompt, Tensor p) {
    int at = (example * layers.size() + layers.indexOf(layer)) * heads + head;
    TokenSpan query = prompt.query();
    TokenSpan a = prompt.documentA();
    TokenSpan b = prompt.documentB();
    int tokens = p.columns();
    put(AttentionQuantity.A_TO_QUERY, at, mass(p, a, query)[0]);
    double[] ofB = mass(p, b, query, a);
    put(AttentionQuantity.B_TO_QUERY, at, ofB[0]);
    put(AttentionQuantity.B_TO_A, at, ofB[1]);
    double[] ofLast = mass(p, new TokenSpan(tokens - 1, tokens), query, a, b);
    put(AttentionQuantity.LAST_TO_QUERY, at, ofLast[0]);
    put(AttentionQuantity.LAST_TO_A, at, ofLast[1]);
    put(AttentionQuantity.LAST_TO_B, at, ofLast[2]);
    put(AttentionQuantity.LAST_ENTROPY, at, entropy(p.rows(tokens - 1, tokens).toArray()));
    if (kept.contains(example)) {
      float[] all =
          matrices.computeIfAbsent(
              new MatrixKey(example, layer), key -> new float[heads * tokens * tokens]);
      System.arraycopy(p.toArray(), 0, all, head * tokens * tokens, tokens * tokens);
    }
  }

  private void put(AttentionQuantity quantity, int at, double value) {
    values.get(quantity)[at] = (float) value;
  }

  /** What each target gets; NaN where nobody attends. */
  private static double[] mass(Tensor p, TokenSpan source, TokenSpan... targets) {
    float[] rows = p.rows(source.start(), source.end()).toArray();
    double[] sums = new double[targets.length];
    for (int i = 0; i < targets.length; i++) {
      for (int row = 0; row < source.size(); row++) {
        for (int column = targets[i].start(); column < targets[i].end(); column++) {
          sums[i] += rows[row * p.columns() + column];
        }
      }
      sums[i] /= source.size();
    }
    return sums;
  }

  private static double entropy(float[] probabilities) {
    double sum = 0;
    for (float probability : probabilities) {
      if (probability > 0) {
        sum -= probability * Math.log(probability);
      }
    }
    return sum;
  }
}
