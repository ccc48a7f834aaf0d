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
    all.put("rmsNorm", Operations::rmsNorm);
    all.put("rope", Operations::rope);
    all.put("swiGlu", Operations::swiGlu);
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
    all.put("linear 77 rows with adapter", t -> linear(t, 77, 41, 53, false, Dropout.NONE));
    all.put("linear 131 rows with all", t -> linear(t, 131, 64, 96, true, dropout));
    all.put("linear 300 rows wider than a panel", t -> linear(t, 300, 24, 1100, true, dropout));
    all.put("linear 1700 rows", t -> linear(t, 1700, 20, 24, false, Dropout.NONE));
  }

  private static void attention(Map<String, Trial.Operation> all) {
    all.put("attention", t -> attention(t, 2, 2, 16, 0, new int[] {5, 1, 9}, new int[3]));
    all.put("attention, grouped", t -> attention(t, 6, 2, 12, 0, new int[] {7, 130}, new int[2]));
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
    Tensor x = t.normal(9, 21);
    int[] rows = {8, 0, 3};
    Tensor y = t.empty(3, 21);
    t.backend().selectRows(x, rows, y);
    t.keep("y", y);
    Tensor dy = t.normal(3, 21);
    t.backend().addToRows(dy, rows, x);
    t.keep("dx", x);
  }

  private static void rmsNorm(Trial t) {
    int rows = 2000;
    int columns = 27;
    Tensor x = t.normal(rows, columns);
    Tensor gain = t.normal(1, columns);
    Tensor y = t.empty(rows, columns);
    Tensor inverse = t.empty(rows, 1);
    t.backend().rmsNorm(x, gain, 1e-5, y, inverse);
    t.keep("y", y);
    t.keep("inverse", inverse);
    Tensor dx = t.normal(rows, columns);
    t.backend().rmsNormBackward(t.normal(rows, columns), x, gain, inverse, dx);
    t.keep("dx", dx);
  }

  private static void rope(Trial t) {
    Tensor x = t.normal(40, 3 * 10);
    Tensor cos = t.normal(13, 4);
    Tensor sin = t.normal(13, 4);
    int[] positions = new int[40];
    for (int i = 0; i < positions.length; i++) {
      positions[i] = t.number(13);
    }
    t.backend().rope(x, 10, cos, sin, positions, false);
    t.keep("rotated", x);
    t.backend().rope(x, 10, cos, sin, positions, true);
    t.keep("rotated back", x);
  }

  private static void swiGlu(Trial t) {
    Tensor both = t.normal(70, 2 * 310);
    Tensor gate = both.columns(0, 310);
    Tensor up = both.columns(310, 620);
    t.backend().scale(gate, 9);
    Tensor y = t.empty(70, 310);
    t.backend().swiGlu(gate, up, y);
    t.keep("y", y);
    Tensor dGate = t.empty(70, 310);
    Tensor dUp = t.empty(70, 310);
    t.backend().swiGluBackward(t.normal(70, 310), gate, up, dGate, dUp);
    t.keep("dGate", dGate);
    t.keep("dUp", dUp);
  }

  private static void swiGluInPlace(Trial t) {
    Tensor gate = t.normal(3, 5000);
    Tensor up = t.normal(3, 5000);
    t.backend().swiGluBackward(t.normal(3, 5000), gate, up, gate, up);
    t.keep("dGate", gate);
    t.keep("dUp", up);
  }

  private static void addAndCopy(Trial t) {
    Tensor x = t.normal(1300, 25);
    Tensor y = t.normal(1300, 25);
    t.backend().add(x, y);
    t.keep("sum", y);
    t.backend().copy(y, x);
    t.keep("copy", x);
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
    t.keep("no norms", t.backend().squaredNorms(List.of()));
    t.backend().scale(x, -0.3);
    t.keep("scaled", x);
  }

  private static void linear(
      Trial t, int rows, int inputs, int outputs, boolean biased, Dropout dropout) {
    Tensor x = t.normal(rows, inputs);
    BackendWeight w = t.weight(outputs, inputs);
    Tensor bias = biased ? t.normal(1, outputs) : null;
    int rank = 5;
    LowRank adapter =
        dropout == null
            ? null
            : new LowRank(
                t.normal(rank, inputs), t.normal(outputs, rank), 0.7, dropout, t.empty(rows, rank));
    Tensor y = t.empty(rows, outputs);
    t.backend().linear(x, w, bias, adapter, y);
    t.keep("y", y);
    Tensor dy = t.normal(rows, outputs);
    Tensor dx = t.empty(rows, inputs);
    t.backend().linearBackward(dy, w, adapter, null, dx, false);
    t.keep("dx with the adapter frozen", dx);
    LowRankGradient gradient = null;
    if (adapter != null) {
      t.keep("xa", adapter.xa());
      gradient = new LowRankGradient(x, t.normal(rank, inputs), t.normal(outputs, rank));
    }
    t.backend().linearBackward(dy, w, adapter, gradient, dx, true);
    t.keep("dx added", dx);
    t.backend().linearBackward(dy, w, adapter, gradient, null, false);
    if (gradient != null) {
      t.keep("da", gradient.a());
      t.keep("db", gradient.b());
    }
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
    Tensor q = t.normal(n, heads * headDim);
    Tensor kv = t.normal(m, 2 * keyColumns);
    Tensor k = kv.columns(0, keyColumns);
    Tensor v = kv.columns(keyColumns, 2 * keyColumns);
    Tensor y = t.empty(n, heads * headDim);
    t.backend().attention(q, k, v, shape, y);
    t.keep("y", y);
    Tensor dy = t.normal(n, heads * headDim);
    Tensor dq = t.empty(n, heads * headDim);
    Tensor dkv = t.empty(m, 2 * keyColumns);
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
