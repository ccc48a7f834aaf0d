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

/** Reduces attention to masses and entropy where it arises, a sequence at a time. */
final class AttentionRecorder implements Observer {
  /** What a query is reduced to: its mass on the query and both passages, and its entropy. */
  private static final int REDUCED = 4;

  private final Backend backend;
  private final ExampleSet examples;
  private final List<Integer> layers;
  private final int heads;
  private final Set<Integer> kept;
  private final Map<AttentionQuantity, float[]> values = new EnumMap<>(AttentionQuantity.class);
  private final Map<MatrixKey, float[]> matrices = new TreeMap<>();

  AttentionRecorder(AttentionTap tap, Reranker reranker, ExampleSet examples) {
    this.backend = reranker.decoder().backend();
    this.examples = examples;
    this.layers = tap.choice().upTo(reranker.decoder().config().layers() - 1);
    this.heads = reranker.decoder().config().heads();
    this.kept = tap.matrices();
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

  /** From the first passage on, one stretch of tokens is asked. */
  private void sequence(
      PromptBatch batch, int index, int layer, Tensor q, Tensor k, AttentionShape shape) {
    int example = batch.first() + index;
    int tokens = shape.keys(index);
    EncodedPrompt prompt = batch.prompts().get(index);
    TokenSpan query = prompt.query();
    TokenSpan a = prompt.documentA();
    TokenSpan b = prompt.documentB();
    TokenSpan last = new TokenSpan(tokens - 1, tokens);
    int from = Math.min(Math.min(a.start(), b.start()), last.start());
    int[] spans = {query.start(), query.end(), a.start(), a.end(), b.start(), b.end()};
    try (MemoryScope scope = backend.scope("the attention of " + tokens + " tokens")) {
      Tensor reduced = scope.tensor(heads * (tokens - from), REDUCED);
      backend.attentionMass(q, k, shape, index, from, spans, reduced);
      float[] rows = reduced.toArray();
      for (int head = 0; head < heads; head++) {
        int first = head * (tokens - from) - from;
        int at = (example * layers.size() + layers.indexOf(layer)) * heads + head;
        double[] ofA = mean(rows, first, a);
        double[] ofB = mean(rows, first, b);
        double[] ofLast = mean(rows, first, last);
        put(AttentionQuantity.A_TO_QUERY, at, seen(query, a, ofA[0]));
        put(AttentionQuantity.B_TO_QUERY, at, seen(query, b, ofB[0]));
        put(AttentionQuantity.B_TO_A, at, seen(a, b, ofB[1]));
        put(AttentionQuantity.LAST_TO_QUERY, at, ofLast[0]);
        put(AttentionQuantity.LAST_TO_A, at, ofLast[1]);
        put(AttentionQuantity.LAST_TO_B, at, ofLast[2]);
        put(AttentionQuantity.LAST_ENTROPY, at, ofLast[3]);
      }
      if (kept.contains(example)) {
        Tensor p = scope.tensor(heads * tokens, tokens);
        backend.attentionWeights(q, k, shape, index, p);
        matrices.put(new MatrixKey(example, layer), p.toArray());
      }
    }
  }

  /** A mass that is zero because no token looks ahead says nothing. */
  private static double seen(TokenSpan what, TokenSpan by, double mass) {
    return what.end() <= by.start() ? mass : Double.NaN;
  }

  private void put(AttentionQuantity quantity, int at, double value) {
    values.get(quantity)[at] = (float) value;
  }

  /** Over the tokens of a span, whose rows begin with the given one; NaN where it has none. */
  private static double[] mean(float[] rows, int first, TokenSpan span) {
    double[] means = new double[REDUCED];
    for (int i = REDUCED * (first + span.start()); i < REDUCED * (first + span.end()); i++) {
      means[i % REDUCED] += rows[i];
    }
    for (int i = 0; i < means.length; i++) {
      means[i] /= span.size();
    }
    return means;
  }
}
