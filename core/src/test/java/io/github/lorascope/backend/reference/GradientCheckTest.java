package io.github.lorascope.backend.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.lorascope.backend.AttentionShape;
import io.github.lorascope.backend.BackendWeight;
import io.github.lorascope.backend.Dropout;
import io.github.lorascope.backend.LowRank;
import io.github.lorascope.backend.LowRankGradient;
import io.github.lorascope.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleSupplier;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every gradient of the Reference backend against central differences, in double precision, on
 * random shapes and numbers; the loss is a random linear functional of the output. A run draws new
 * seeds; {@code -Dseed=N} repeats one.
 */
class GradientCheckTest {
  static LongStream seeds() {
    Long given = Long.getLong("seed");
    long first = System.nanoTime() & 0xffffff;
    return given != null ? LongStream.of(given) : LongStream.range(first, first + 8);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void rmsNorm(long seed) {
    try (Experiment e = new Experiment(seed)) {
      int rows = e.number(1, 4);
      int columns = e.number(2, 9);
      Tensor x = e.normal(rows, columns);
      Tensor gain = e.normal(1, columns);
      Tensor y = e.empty(rows, columns);
      Tensor inverse = e.empty(rows, 1);
      Tensor dy = e.normal(rows, columns);
      Tensor dx = e.normal(rows, columns);
      double[][] before = Rows.read(dx);
      LinearLoss loss = new LinearLoss(() -> e.backend.rmsNorm(x, gain, 0.1, y, inverse), dy, y);
      loss.forward();
      e.backend.rmsNormBackward(dy, x, gain, inverse, dx);
      e.check("dx", loss, x, before, dx);
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void linearAlone(long seed) {
    try (Experiment e = new Experiment(seed)) {
      int rows = e.number(1, 4);
      int inputs = e.number(1, 6);
      int outputs = e.number(1, 6);
      Tensor x = e.normal(rows, inputs);
      BackendWeight weight = e.weight(outputs, inputs);
      Tensor bias = e.normal(1, outputs);
      Tensor y = e.empty(rows, outputs);
      Tensor dy = e.normal(rows, outputs);
      Tensor dx = e.empty(rows, inputs);
      LinearLoss loss = new LinearLoss(() -> e.backend.linear(x, weight, bias, null, y), dy, y);
      e.backend.linearBackward(dy, weight, null, null, dx, false);
      e.check("dx", loss, x, dx);
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void linearWithAdapter(long seed) {
    try (AdaptedLinear l = new AdaptedLinear(seed)) {
      Tensor dx = l.e.empty(l.rows, l.inputs);
      l.loss.forward();
      l.e.backend.linearBackward(l.dy, l.weight, l.adapter, l.dxa, dx, false);
      l.e.backend.lowRankBackward(List.of(l.gradient));
      l.e.check("dx", l.loss, l.x, dx);
      l.e.check("dA", l.loss, l.adapter.a(), l.beforeA, l.gradient.a());
      l.e.check("dB", l.loss, l.adapter.b(), l.beforeB, l.gradient.b());
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void linearAddsToTheGradientOfItsInput(long seed) {
    try (AdaptedLinear l = new AdaptedLinear(seed)) {
      Tensor dx = l.e.normal(l.rows, l.inputs);
      double[][] before = Rows.read(dx);
      l.loss.forward();
      l.e.backend.linearBackward(l.dy, l.weight, l.adapter, l.dxa, dx, true);
      l.e.check("dx", l.loss, l.x, before, dx);
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void linearWithFrozenAdapter(long seed) {
    try (AdaptedLinear l = new AdaptedLinear(seed)) {
      Tensor dx = l.e.empty(l.rows, l.inputs);
      l.loss.forward();
      l.e.backend.linearBackward(l.dy, l.weight, l.adapter, l.dxa, dx, false);
      l.e.check("dx", l.loss, l.x, dx);
      assertArrayEquals(l.beforeA, Rows.read(l.gradient.a()));
      assertArrayEquals(l.beforeB, Rows.read(l.gradient.b()));
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void linearWhoseInputNeedsNoGradient(long seed) {
    try (AdaptedLinear l = new AdaptedLinear(seed)) {
      l.loss.forward();
      l.e.backend.linearBackward(l.dy, l.weight, l.adapter, l.dxa, null, false);
      l.e.backend.lowRankBackward(List.of(l.gradient));
      l.e.check("dA", l.loss, l.adapter.a(), l.beforeA, l.gradient.a());
      l.e.check("dB", l.loss, l.adapter.b(), l.beforeB, l.gradient.b());
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void rope(long seed) {
    try (Experiment e = new Experiment(seed)) {
      int rows = e.number(1, 4);
      int heads = e.number(1, 3);
      int half = e.number(1, 3);
      int headDim = 2 * half + e.number(0, 2);
      Tensor cos = e.normal(6, half);
      Tensor sin = e.normal(6, half);
      int[] positions = new int[rows];
      Arrays.setAll(positions, i -> e.number(0, 5));
      Tensor x = e.normal(rows, heads * headDim);
      Tensor y = e.empty(rows, heads * headDim);
      Tensor dy = e.normal(rows, heads * headDim);
      Tensor dx = e.empty(rows, heads * headDim);
      LinearLoss loss =
          new LinearLoss(
              () -> {
                e.backend.copy(x, y);
                e.backend.rope(y, headDim, cos, sin, positions, false);
              },
              dy,
              y);
      e.backend.copy(dy, dx);
      e.backend.rope(dx, headDim, cos, sin, positions, true);
      e.check("dx", loss, x, dx);
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void attention(long seed) {
    try (Experiment e = new Experiment(seed)) {
      AttentionShape shape = shape(e);
      int queries = shape.queryOffsets()[shape.sequences()];
      int keys = shape.keyOffsets()[shape.sequences()];
      int width = shape.heads() * shape.headDim();
      int keyWidth = shape.keyValueHeads() * shape.headDim();
      Tensor q = e.normal(queries, width);
      Tensor k = e.normal(keys, keyWidth);
      Tensor v = e.normal(keys, keyWidth);
      Tensor y = e.empty(queries, width);
      Tensor dy = e.normal(queries, width);
      Tensor dq = e.empty(queries, width);
      Tensor dk = e.empty(keys, keyWidth);
      Tensor dv = e.empty(keys, keyWidth);
      LinearLoss loss = new LinearLoss(() -> e.backend.attention(q, k, v, shape, y), dy, y);
      loss.forward();
      e.backend.attentionBackward(dy, q, k, v, shape, y, dq, dk, dv);
      e.check("dq", loss, q, dq);
      e.check("dk", loss, k, dk);
      e.check("dv", loss, v, dv);
    }
  }

  /** Ragged sequences, an empty one among them, some with more keys than queries. */
  private static AttentionShape shape(Experiment e) {
    int[] queryOffsets = new int[e.number(2, 4)];
    int[] keyOffsets = new int[queryOffsets.length];
    for (int s = 1; s < queryOffsets.length; s++) {
      int queries = e.number(s == 1 ? 1 : 0, 4);
      queryOffsets[s] = queryOffsets[s - 1] + queries;
      keyOffsets[s] = keyOffsets[s - 1] + queries + e.number(0, 3);
    }
    int keyValueHeads = e.number(1, 2);
    return new AttentionShape(
        keyValueHeads * e.number(1, 3),
        keyValueHeads,
        e.number(1, 4),
        e.number(0, 3),
        queryOffsets,
        keyOffsets);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void swiGlu(long seed) {
    try (Experiment e = new Experiment(seed)) {
      int rows = e.number(1, 4);
      int columns = e.number(1, 6);
      Tensor gate = e.normal(rows, columns);
      Tensor up = e.normal(rows, columns);
      Tensor y = e.empty(rows, columns);
      Tensor dy = e.normal(rows, columns);
      Tensor dGate = e.empty(rows, columns);
      Tensor dUp = e.empty(rows, columns);
      LinearLoss loss = new LinearLoss(() -> e.backend.swiGlu(gate, up, y), dy, y);
      e.backend.swiGluBackward(dy, gate, up, dGate, dUp);
      e.check("dGate", loss, gate, dGate);
      e.check("dUp", loss, up, dUp);
      e.backend.swiGluBackward(dy, gate, up, gate, up);
      assertArrayEquals(Rows.read(dGate), Rows.read(gate), "dGate in place");
      assertArrayEquals(Rows.read(dUp), Rows.read(up), "dUp in place");
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void selectRows(long seed) {
    try (Experiment e = new Experiment(seed)) {
      int columns = e.number(1, 5);
      int[] rows = {4, 0, 3};
      Tensor x = e.normal(5, columns);
      Tensor y = e.empty(rows.length, columns);
      Tensor dy = e.normal(rows.length, columns);
      Tensor dx = e.normal(5, columns);
      double[][] before = Rows.read(dx);
      LinearLoss loss = new LinearLoss(() -> e.backend.selectRows(x, rows, y), dy, y);
      e.backend.addToRows(dy, rows, dx);
      e.check("dx", loss, x, before, dx);
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void add(long seed) {
    try (Experiment e = new Experiment(seed)) {
      int rows = e.number(1, 4);
      int columns = e.number(1, 5);
      Tensor residual = e.normal(rows, columns);
      Tensor x = e.normal(rows, columns);
      Tensor y = e.empty(rows, columns);
      Tensor dy = e.normal(rows, columns);
      Tensor dx = e.normal(rows, columns);
      double[][] before = Rows.read(dx);
      LinearLoss loss = new LinearLoss(() -> e.backend.add(x, residual, y), dy, y);
      e.backend.add(dy, dx, dx);
      e.check("dx", loss, x, before, dx);
      e.check("dResidual", loss, residual, dy);
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void scale(long seed) {
    try (Experiment e = new Experiment(seed)) {
      int rows = e.number(1, 4);
      int columns = e.number(1, 5);
      Tensor x = e.normal(rows, columns);
      Tensor y = e.empty(rows, columns);
      Tensor dy = e.normal(rows, columns);
      Tensor dx = e.empty(rows, columns);
      LinearLoss loss =
          new LinearLoss(
              () -> {
                e.backend.copy(x, y);
                e.backend.scale(y, -0.7);
              },
              dy,
              y);
      e.backend.copy(dy, dx);
      e.backend.scale(dx, -0.7);
      e.check("dx", loss, x, dx);
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void head(long seed) {
    try (Experiment e = new Experiment(seed)) {
      int pairs = e.number(1, 4);
      int hidden = e.number(1, 6);
      int labels = e.number(1, 3);
      Tensor h = e.normal(pairs, hidden);
      Tensor w = e.normal(labels, hidden);
      Tensor logits = e.empty(pairs, labels);
      Tensor dLogits = e.normal(pairs, labels);
      Tensor dw = e.normal(labels, hidden);
      double[][] before = Rows.read(dw);
      Tensor dh = e.empty(pairs, hidden);
      LinearLoss loss = new LinearLoss(() -> e.backend.head(h, w, logits), dLogits, logits);
      e.backend.headBackward(dLogits, h, w, dw, dh);
      e.check("dw", loss, w, before, dw);
      e.check("dh", loss, h, dh);
      before = Rows.read(dw);
      e.backend.headBackward(dLogits, h, w, dw, null);
      e.check("dw alone", loss, w, before, dw);
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void crossEntropy(long seed) {
    try (Experiment e = new Experiment(seed)) {
      int pairs = e.number(1, 4);
      int count = e.number(2, 4);
      int[] labels = new int[pairs];
      Arrays.setAll(labels, i -> e.number(0, count - 1));
      Tensor logits = e.normal(pairs, count);
      Tensor dLogits = e.empty(pairs, count);
      double scale = 0.3;
      DoubleSupplier loss =
          () -> scale * Arrays.stream(e.backend.crossEntropy(logits, labels, 1, null)).sum();
      double[] losses = e.backend.crossEntropy(logits, labels, scale, dLogits);
      assertEquals(loss.getAsDouble(), scale * Arrays.stream(losses).sum(), "the loss is unscaled");
      e.check("dLogits", loss, logits, dLogits);
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void ropeInverseUndoesTheRotation(long seed) {
    try (Experiment e = new Experiment(seed)) {
      Tensor cos = e.empty(4, 2);
      Tensor sin = e.empty(4, 2);
      for (int position = 0; position < 4; position++) {
        for (int i = 0; i < 2; i++) {
          cos.set(position, i, Math.cos(position * 0.9 / (i + 1)));
          sin.set(position, i, Math.sin(position * 0.9 / (i + 1)));
        }
      }
      Tensor x = e.normal(3, 10);
      double[][] before = Rows.read(x);
      int[] positions = {3, 0, 2};
      e.backend.rope(x, 5, cos, sin, positions, false);
      e.backend.rope(x, 5, cos, sin, positions, true);
      e.same("x", before, x, 1e-14);
    }
  }

  /** A linear layer with a bias and an adapter that drops some of its input. */
  private static final class AdaptedLinear implements AutoCloseable {
    final Experiment e;
    final int rows;
    final int inputs;
    final Tensor x;
    final BackendWeight weight;
    final LowRank adapter;
    final LowRankGradient gradient;
    final Tensor dxa;
    final double[][] beforeA;
    final double[][] beforeB;
    final Tensor dy;
    final LinearLoss loss;

    AdaptedLinear(long seed) {
      e = new Experiment(seed);
      rows = e.number(1, 4);
      inputs = e.number(1, 6);
      int outputs = e.number(1, 6);
      int rank = e.number(1, 3);
      x = e.normal(rows, inputs);
      weight = e.weight(outputs, inputs);
      Tensor bias = e.number(0, 1) == 0 ? null : e.normal(1, outputs);
      Dropout dropout = e.number(0, 1) == 0 ? Dropout.NONE : new Dropout(0.4, seed);
      adapter =
          new LowRank(
              e.normal(rank, inputs), e.normal(outputs, rank), 1.7, dropout, e.empty(rows, rank));
      dy = e.normal(rows, outputs);
      dxa = e.empty(rows, rank);
      gradient =
          new LowRankGradient(dy, adapter, dxa, x, e.normal(rank, inputs), e.normal(outputs, rank));
      beforeA = Rows.read(gradient.a());
      beforeB = Rows.read(gradient.b());
      Tensor y = e.empty(rows, outputs);
      loss = new LinearLoss(() -> e.backend.linear(x, weight, bias, adapter, y), dy, y);
    }

    @Override
    public void close() {
      e.close();
    }
  }
}
