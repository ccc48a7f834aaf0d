package io.github.lorascope.backend;

import io.github.lorascope.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Every operation and its gradient, on shapes that a backend may get wrong. */
public final class Operations {
  private Operations() {}

  /** Returns the operations by name. */
  public static Map<String, Trial.Operation> all() {
    Map<String, Trial.Operation> all = new LinkedHashMap<>();
    all.put("gather", Operations::gather);
    all.put("selected rows", Operations::selectRows);
    all.put("rmsNorm", t -> rmsNorm(t, 2000, 27));
    all.put("rmsNorm of few long rows", t -> rmsNorm(t, 3, 2056));
    all.put("headNorm", t -> headNorm(t, 30, 3, 10));
    all.put("headNorm of wide heads", t -> headNorm(t, 9, 5, 128));
    all.put("rope", t -> rope(t, 10, 4));
    all.put("rope of all of a head", t -> rope(t, 16, 8));
    all.put("swiGlu", t -> swiGlu(t, 310));
    all.put("swiGlu of wide rows", t -> swiGlu(t, 3000));
    all.put("swiGlu in place", Operations::swiGluInPlace);
    all.put("add and copy", Operations::addAndCopy);
    all.put("head", Operations::head);
    all.put("adamW", Operations::adamW);
    all.put("norm and scale", Operations::normAndScale);
    linear(all);
    attention(all);
    return all;
  }

  private static void linear(Map<String, Trial.Operation> all) {
    Dropout dropout = new Dropout(0.3, 7);
    all.put("linear 1 row", t -> linear(t, 1, 33, 70, false, null));
    all.put("linear 5 rows with bias", t -> linear(t, 5, 17, 129, true, null));
    all.put("linear no rows", t -> linear(t, 0, 16, 8, true, Dropout.NONE));
    all.put("linear 1 row with adapter", t -> linear(t, 1, 40, 48, true, dropout));
    all.put("linear 20 rows with dropout", t -> linear(t, 20, 24, 40, false, dropout));
    all.put("linear 77 rows with adapter", t -> linear(t, 77, 41, 53, false, Dropout.NONE));
    all.put("linear 131 rows with all", t -> linear(t, 131, 64, 96, true, dropout));
    all.put("linear 300 rows wider than a panel", t -> linear(t, 300, 24, 1100, true, dropout));
    all.put("linear of many inputs", t -> linear(t, 9, 283, 40, true, dropout));
    all.put("linear 1700 rows", t -> linear(t, 1700, 20, 24, false, Dropout.NONE));
  }

  private static void attention(Map<String, Trial.Operation> all) {
    all.put("attention", t -> attention(t, 2, 2, 16, 0, new int[] {5, 1, 9}, new int[3]));
    all.put("attention, grouped", t -> attention(t, 6, 2, 12, 0, new int[] {7, 130}, new int[2]));
    all.put(
        "attention, window without end",
        t -> attention(t, 2, 1, 8, Integer.MAX_VALUE, new int[] {70}, new int[] {3}));
    all.put(
        "attention, keys that nobody sees",
        t -> attention(t, 2, 1, 8, 5, new int[] {1}, new int[] {150}));
    all.put("attention, window", t -> attention(t, 4, 2, 8, 5, new int[] {3, 70, 11}, new int[3]));
    all.put(
        "attention, wide window", t -> attention(t, 2, 1, 8, 70, new int[] {150}, new int[] {9}));
    all.put(
        "attention, keys before",
        t -> attention(t, 4, 1, 10, 0, new int[] {1, 65, 0, 4}, new int[] {80, 3, 6, 0}));
    all.put(
        "attention, keys before and window",
        t -> attention(t, 3, 3, 7, 4, new int[] {2, 66}, new int[] {30, 1}));
    all.put(
        "attention, 64 wide", t -> attention(t, 4, 2, 64, 0, new int[] {33, 70}, new int[] {0, 5}));
    all.put("attention, 80 wide", t -> attention(t, 2, 1, 80, 40, new int[] {67}, new int[] {3}));
    all.put("attention, 96 wide", t -> attention(t, 1, 1, 96, 0, new int[] {40}, new int[1]));
    all.put("attention, 128 wide", t -> attention(t, 2, 1, 128, 0, new int[] {35, 2}, new int[2]));
    all.put("attention, one token", t -> attention(t, 2, 1, 64, 0, new int[] {1}, new int[1]));
  }

  private static void gather(Trial t) {
    BackendWeight table = t.weight(50, 19);
    int[] ids = new int[30];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = t.number(50);
    }
    Tensor y = t.empty(30, 19);
    t.backend().gather(table, ids, y);
    t.keep("y", y);
  }

  private static void selectRows(Trial t) {
    int[] rows = {8, 0, 3};
    for (int columns : new int[] {21, 24}) {
      Tensor x = t.normalActivations(9, columns);
      Tensor y = t.emptyActivations(3, columns);
      t.backend().selectRows(x, rows, y);
      t.keep("y", y);
      Tensor dx = t.normal(9, columns);
      t.backend().addToRows(t.normal(3, columns), rows, dx);
      t.keep("dx", dx);
    }
  }

  private static void rmsNorm(Trial t, int rows, int columns) {
    Tensor x = t.normal(rows, columns);
    Tensor gain = t.normal(1, columns);
    Tensor y = t.emptyActivations(rows, columns);
    Tensor inverse = t.empty(rows, 1);
    t.backend().rmsNorm(x, gain, 1e-5, y, inverse);
    t.keep("y", y);
    t.keep("inverse", inverse);
    Tensor dx = t.normal(rows, columns);
    t.backend().rmsNormBackward(t.normal(rows, columns), x, gain, inverse, dx);
    t.keep("dx", dx);
    Tensor added = t.normalActivations(rows, columns);
    Tensor sum = t.empty(rows, columns);
    t.backend().addRmsNorm(added, x, gain, 1e-5, sum, y, inverse);
    t.keep("sum", sum);
    t.keep("y of the sum", y);
    t.keep("inverse of the sum", inverse);
    t.backend().addRmsNorm(added, x, gain, 1e-5, x, y, inverse);
    t.keep("sum in place", x);
  }

  private static void headNorm(Trial t, int rows, int heads, int width) {
    Tensor x = t.normalActivations(rows, heads * width);
    Tensor gain = t.normal(1, width);
    Tensor y = t.emptyActivations(rows, heads * width);
    Tensor inverse = t.empty(rows, heads);
    t.backend().headNorm(x, gain, 1e-5, y, inverse);
    t.keep("y", y);
    t.keep("inverse", inverse);
    Tensor dx = t.emptyActivations(rows, heads * width);
    Tensor dy = t.normalActivations(rows, heads * width);
    t.backend().headNormBackward(dy, x, gain, inverse, dx);
    t.keep("dx", dx);
  }

  private static void rope(Trial t, int headDim, int half) {
    Tensor x = t.normalActivations(40, 3 * headDim);
    Tensor cos = t.normal(13, half);
    Tensor sin = t.normal(13, half);
    int[] positions = new int[40];
    for (int i = 0; i < positions.length; i++) {
      positions[i] = t.number(13);
    }
    t.backend().rope(x, headDim, cos, sin, positions, false);
    t.keep("rotated", x);
    t.backend().rope(x, headDim, cos, sin, positions, true);
    t.keep("rotated back", x);
  }

  private static void swiGlu(Trial t, int columns) {
    Tensor both = t.normalActivations(70, 2 * columns, 5);
    Tensor gate = both.columns(0, columns);
    Tensor up = both.columns(columns, 2 * columns);
    Tensor y = t.emptyActivations(70, columns);
    t.backend().swiGlu(gate, up, y);
    t.keep("y", y);
    Tensor dGate = t.emptyActivations(70, columns);
    Tensor dUp = t.emptyActivations(70, columns);
    t.backend().swiGluBackward(t.normalActivations(70, columns), gate, up, dGate, dUp);
    t.keep("dGate", dGate);
    t.keep("dUp", dUp);
  }

  private static void swiGluInPlace(Trial t) {
    Tensor gate = t.normalActivations(3, 5000);
    Tensor up = t.normalActivations(3, 5000);
    t.backend().swiGluBackward(t.normalActivations(3, 5000), gate, up, gate, up);
    t.keep("dGate", gate);
    t.keep("dUp", up);
  }

  private static void addAndCopy(Trial t) {
    for (int columns : new int[] {25, 32}) {
      Tensor x = t.normalActivations(1300, columns);
      Tensor residual = t.normal(1300, columns);
      Tensor y = t.empty(1300, columns);
      t.backend().add(x, residual, y);
      t.keep("sum", y);
      t.backend().add(x, residual, residual);
      t.keep("sum in place", residual);
      Tensor copy = t.emptyActivations(1300, columns);
      t.backend().copy(x, copy);
      t.keep("copy", copy);
      t.backend().copy(y, residual);
      t.keep("copy of the sum", residual);
    }
  }

  private static void head(Trial t) {
    Tensor h = t.normal(11, 37);
    Tensor w = t.normal(3, 37);
    Tensor logits = t.empty(11, 3);
    t.backend().head(h, w, logits);
    t.keep("logits", logits);
    int[] labels = new int[11];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = t.number(3);
    }
    Tensor dLogits = t.empty(11, 3);
    t.keep("losses", t.backend().crossEntropy(logits, labels, 1 / 11.0, dLogits));
    t.keep("losses alone", t.backend().crossEntropy(logits, labels, 1, null));
    t.keep("dLogits", dLogits);
    Tensor dw = t.normal(3, 37);
    Tensor dh = t.empty(11, 37);
    t.backend().headBackward(dLogits, h, w, dw, dh);
    t.backend().headBackward(dLogits, h, w, dw, null);
    t.keep("dw", dw);
    t.keep("dh", dh);
  }

  private static void adamW(Trial t) {
    int count = 20_001;
    Tensor parameters = t.normal(1, count);
    Tensor moment1 = t.normal(1, count);
    Tensor moment2 = t.magnitudes(1, count);
    for (int step = 1; step <= 2; step++) {
      AdamW update = new AdamW(0.01, 0.9, 0.99, 1e-8, 0.1, step);
      t.backend().adamW(parameters, t.normal(1, count), moment1, moment2, update);
    }
    t.keep("parameters", parameters);
    t.keep("moment1", moment1);
    t.keep("moment2", moment2);
  }

  private static void normAndScale(Trial t) {
    Tensor x = t.normal(3, 9001);
    t.keep("norm", t.backend().squaredNorm(x));
    t.keep("norms", t.backend().squaredNorms(List.of(x.rows(1, 2), x, x.rows(2, 2))));
    t.keep("norm of a part", t.backend().squaredNorm(t.normal(300, 70).columns(3, 60)));
    t.keep("no norms", t.backend().squaredNorms(List.of()));
    t.backend().scale(x, -0.3);
    t.keep("scaled", x);
  }

  private static void linear(
      Trial t, int rows, int inputs, int outputs, boolean biased, Dropout dropout) {
    Tensor x = t.normalActivations(rows, inputs);
    BackendWeight w = t.weight(outputs, inputs);
    Tensor bias = biased ? t.normal(1, outputs) : null;
    int rank = 5;
    LowRank adapter =
        dropout == null
            ? null
            : new LowRank(
                t.normal(rank, inputs),
                t.normal(outputs, rank),
                0.7,
                dropout,
                t.emptyActivations(rows, rank));
    Tensor y = t.emptyActivations(rows, outputs);
    t.backend().linear(x, w, bias, adapter, y);
    t.keep("y", y);
    // One of them is the residual stream's gradient, as in a layer.
    Tensor dy = biased ? t.normalActivations(rows, outputs) : t.normal(rows, outputs);
    Tensor dx = biased ? t.empty(rows, inputs) : t.emptyActivations(rows, inputs);
    Tensor dxa = adapter == null ? null : t.emptyActivations(rows, rank);
    t.backend().linearBackward(dy, w, adapter, dxa, dx, false);
    t.keep("dx", dx);
    t.backend().linearBackward(dy, w, adapter, dxa, dx, true);
    t.keep("dx added", dx);
    if (adapter == null) {
      return;
    }
    t.keep("xa", adapter.xa());
    t.keep("dxa", dxa);
    dxa.fill(0);
    t.backend().linearBackward(dy, w, adapter, dxa, null, false);
    t.keep("dxa alone", dxa);
    // More than one at once, as those of queries and keys.
    LowRankGradient gradient =
        new LowRankGradient(dy, adapter, dxa, x, t.normal(rank, inputs), t.normal(outputs, rank));
    LowRankGradient other =
        new LowRankGradient(dy, adapter, dxa, x, t.normal(rank, inputs), t.normal(outputs, rank));
    t.backend().lowRankBackward(List.of(gradient, other));
    t.keep("da", gradient.a());
    t.keep("db", gradient.b());
    t.keep("da of the other", other.a());
    t.keep("db of the other", other.b());
    t.backend().lowRankBackward(List.of());
  }

  /** Sequences of so many queries each, with so many keys before them. */
  private static void attention(
      Trial t, int heads, int keyHeads, int headDim, int window, int[] queries, int[] before) {
    int[] queryOffsets = new int[queries.length + 1];
    int[] keyOffsets = new int[queries.length + 1];
    for (int s = 0; s < queries.length; s++) {
      queryOffsets[s + 1] = queryOffsets[s] + queries[s];
      keyOffsets[s + 1] = keyOffsets[s] + queries[s] + before[s];
    }
    AttentionShape shape =
        new AttentionShape(heads, keyHeads, headDim, window, queryOffsets, keyOffsets);
    int n = queryOffsets[queries.length];
    int m = keyOffsets[queries.length];
    int keyColumns = keyHeads * headDim;
    Tensor q = t.normalActivations(n, heads * headDim);
    Tensor kv = t.normalActivations(m, 2 * keyColumns);
    Tensor k = kv.columns(0, keyColumns);
    Tensor v = kv.columns(keyColumns, 2 * keyColumns);
    Tensor y = t.emptyActivations(n, heads * headDim);
    t.backend().attention(q, k, v, shape, y);
    t.keep("y", y);
    Tensor dy = t.normalActivations(n, heads * headDim);
    Tensor dq = t.emptyActivations(n, heads * headDim);
    Tensor dkv = t.emptyActivations(m, 2 * keyColumns);
    Tensor dk = dkv.columns(0, keyColumns);
    Tensor dv = dkv.columns(keyColumns, 2 * keyColumns);
    t.backend().attentionBackward(dy, q, k, v, shape, y, dq, dk, dv);
    t.keep("dq", dq);
    t.keep("dk", dk);
    t.keep("dv", dv);
    for (int s = 0; s < queries.length; s++) {
      Tensor p = t.empty(heads * queries[s], queries[s] + before[s]);
      t.backend().attentionWeights(q, k, shape, s, p);
      t.keep("p of sequence " + s, p);
      attentionMass(t, q, k, shape, s);
    }
  }

  /** Of the second half of the queries, over all keys, the last two, none, and some between. */
  private static void attentionMass(
      Trial t, Tensor q, Tensor k, AttentionShape shape, int sequence) {
    int from = shape.queries(sequence) / 2;
    int keys = shape.keys(sequence);
    int[] spans = {0, keys, Math.max(0, keys - 2), keys, 1, 1, keys / 3, keys / 2};
    Tensor y = t.empty(shape.heads() * (shape.queries(sequence) - from), spans.length / 2 + 1);
    t.backend().attentionMass(q, k, shape, sequence, from, spans, y);
    t.keep("masses of sequence " + sequence, y.columns(0, spans.length / 2));
    t.keep("entropy of sequence " + sequence, y.columns(spans.length / 2, y.columns()));
  }
}
