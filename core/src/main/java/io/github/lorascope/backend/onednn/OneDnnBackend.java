package io.github.lorascope.backend.onednn;

import io.github.lorascope.backend.AdamW;
import io.github.lorascope.backend.AttentionShape;
import io.github.lorascope.backend.Backend;
import io.github.lorascope.backend.BackendOptions;
import io.github.lorascope.backend.BackendWeight;
import io.github.lorascope.backend.Direction;
import io.github.lorascope.backend.LowRank;
import io.github.lorascope.backend.LowRankGradient;
import io.github.lorascope.backend.OperationShapes;
import io.github.lorascope.backend.Precision;
import io.github.lorascope.backend.RowWork;
import io.github.lorascope.tensor.MemoryAccount;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;
import io.github.lorascope.weights.Weight;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The CPU backend on oneDNN. The same inputs, shapes, number of threads and memory cap give the
 * same bits. A weight takes its memory when a product first needs it.
 */
public final class OneDnnBackend implements Backend {
  static final String NAME = "onednn";

  /** Rows that go through several operations together, so that they stay in a core's cache. */
  private static final int BLOCK = 128;

  /** The same where a processor multiplies bfloat16 so fast that reading weights takes time. */
  private static final int LONG_BLOCK = 256;

  private final OneDnnLibrary library = OneDnnLibrary.get();
  private final Map<Precision, WeightLayout> layouts = new EnumMap<>(Precision.class);
  private final NativePool pool;
  private final CopyBudget budget;
  private final Workers workers;
  private final Linear linear;
  private final CausalAttention attention;

  /**
   * Starts the backend and its threads.
   *
   * @param options threads and memory
   * @throws io.github.lorascope.backend.BackendException if oneDNN cannot be loaded
   */
  public OneDnnBackend(BackendOptions options) {
    this(options, null);
  }

  /**
   * Starts it with another layout of weights than fits the processor.
   *
   * @param layout the layout for all weights; null: what fits
   */
  OneDnnBackend(BackendOptions options, WeightLayout layout) {
    for (Precision precision : Precision.values()) {
      layouts.put(precision, layout != null ? layout : fitting(precision));
    }
    pool = new NativePool(HostMemory.account(options), nativeBf16());
    budget = CopyBudget.of(options);
    Slot[] slots = new Slot[options.threads()];
    for (int i = 0; i < slots.length; i++) {
      slots[i] = new Slot(library.engine());
    }
    workers = new Workers(slots, pool, library.openMp());
    linear = new Linear(workers, pool);
    attention = new CausalAttention(workers);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String description() {
    return String.format(
        Locale.ROOT,
        "%s %s (%s), %d threads, bf16 %s",
        NAME,
        library.version(),
        library.instructions(),
        workers.threads(),
        nativeBf16() ? "native" : "emulated in float32");
  }

  private static WeightLayout fitting(Precision precision) {
    return precision == Precision.BF16 && Bf16Check.holds() && Bf16Rate.pays()
        ? WeightLayout.PACKED_BF16
        : WeightLayout.PLAIN;
  }

  private boolean nativeBf16() {
    return layouts.get(Precision.BF16) == WeightLayout.PACKED_BF16;
  }

  @Override
  public MemoryAccount memory() {
    return pool.account();
  }

  @Override
  public MemoryScope scope(String label) {
    return new MemoryScope(pool, label);
  }

  @Override
  public void count(Weight converted, MemoryScope owner) {
    pool.makeRoom(converted.bytes());
    Backend.super.count(converted, owner);
    owner.attach(budget.reserve(converted.bytes()));
  }

  @Override
  public BackendWeight prepare(Weight weight, Precision precision, MemoryScope owner) {
    return prepare(weight, precision, layouts.get(precision), owner);
  }

  OneDnnWeight prepare(Weight weight, Precision precision, WeightLayout layout, MemoryScope owner) {
    return new OneDnnWeight(weight, precision, layout, budget, workers, pool, owner);
  }

  @Override
  public boolean gateUpApart() {
    return true;
  }

  @Override
  public void byRows(int rows, Direction direction, List<BackendWeight> weights, RowWork work) {
    boolean kept = true;
    for (BackendWeight weight : weights) {
      kept &= OperationShapes.prepared(OneDnnWeight.class, weight).ready(direction);
    }
    int wanted = nativeBf16() ? LONG_BLOCK : BLOCK;
    int step = kept ? Grid.block(rows, wanted, workers.threads()) : rows;
    if (step == rows) {
      work.run(0, rows); // a weight that is not kept is made once for all rows
    } else {
      workers.apart(
          Split.parts(rows, step), i -> work.run(i * step, Math.min(rows, (i + 1) * step)));
    }
  }

  @Override
  public void gather(BackendWeight table, int[] ids, Tensor y) {
    OperationShapes.gather(table, ids, y);
    Rows.gather(workers, table.weight(), ids, y);
  }

  @Override
  public void selectRows(Tensor x, int[] rows, Tensor y) {
    OperationShapes.rows(x, rows, y);
    Rows.select(workers, x, rows, y);
  }

  @Override
  public void addToRows(Tensor dy, int[] rows, Tensor dx) {
    OperationShapes.rows(dx, rows, dy);
    Rows.addTo(workers, dy, rows, dx);
  }

  @Override
  public void rmsNorm(Tensor x, Tensor gain, double epsilon, Tensor y, Tensor inverse) {
    OperationShapes.rmsNorm(x, gain, y, inverse);
    RmsNorm.forward(workers, x, gain, epsilon, y, inverse);
  }

  @Override
  public void addRmsNorm(
      Tensor x,
      Tensor residual,
      Tensor gain,
      double epsilon,
      Tensor sum,
      Tensor y,
      Tensor inverse) {
    OperationShapes.same("residual", residual, x);
    OperationShapes.same("sum", sum, x);
    OperationShapes.rmsNorm(x, gain, y, inverse);
    RmsNorm.addForward(workers, x, residual, gain, epsilon, sum, y, inverse);
  }

  @Override
  public void rmsNormBackward(Tensor dy, Tensor x, Tensor gain, Tensor inverse, Tensor dx) {
    OperationShapes.rmsNorm(x, gain, dy, inverse);
    OperationShapes.same("dx", dx, x);
    RmsNorm.backward(workers, dy, x, gain, inverse, dx);
  }

  @Override
  public void linear(Tensor x, BackendWeight weight, Tensor bias, LowRank adapter, Tensor y) {
    OperationShapes.linear(x, weight, bias, adapter, y);
    linear.forward(x, OperationShapes.prepared(OneDnnWeight.class, weight), bias, adapter, y);
  }

  @Override
  public void linearBackward(
      Tensor dy, BackendWeight weight, LowRank adapter, Tensor dxa, Tensor dx, boolean add) {
    OperationShapes.linear(dx, weight, null, adapter, dy);
    OperationShapes.passedOn(adapter, dxa);
    linear.backward(
        dy, OperationShapes.prepared(OneDnnWeight.class, weight), adapter, dxa, dx, add);
  }

  @Override
  public void lowRankBackward(List<LowRankGradient> paths) {
    paths.forEach(OperationShapes::lowRank);
    linear.gradients(paths);
  }

  @Override
  public void rope(
      Tensor x, int headDim, Tensor cos, Tensor sin, int[] positions, boolean inverse) {
    OperationShapes.rope(x, headDim, cos, sin, positions);
    Rope.rotate(workers, x, headDim, cos, sin, positions, inverse);
  }

  @Override
  public void attention(Tensor q, Tensor k, Tensor v, AttentionShape shape, Tensor y) {
    OperationShapes.attention(shape, q, k, v);
    OperationShapes.same("y", y, q);
    attention.forward(q, k, v, shape, y);
  }

  @Override
  public void attentionBackward(
      Tensor dy,
      Tensor q,
      Tensor k,
      Tensor v,
      AttentionShape shape,
      Tensor y,
      Tensor dq,
      Tensor dk,
      Tensor dv) {
    OperationShapes.attention(shape, q, k, v);
    OperationShapes.same("dy", dy, q);
    OperationShapes.same("dq", dq, q);
    OperationShapes.same("dk", dk, k);
    OperationShapes.same("dv", dv, v);
    attention.backward(dy, q, k, v, shape, dq, dk, dv);
  }

  @Override
  public void attentionWeights(Tensor q, Tensor k, AttentionShape shape, int sequence, Tensor p) {
    OperationShapes.attentionWeights(shape, sequence, q, k, p);
    attention.weights(q, k, shape, sequence, p);
  }

  @Override
  public void swiGlu(Tensor gate, Tensor up, Tensor y) {
    OperationShapes.same("gate", gate, y);
    OperationShapes.same("up", up, y);
    SwiGlu.forward(workers, gate, up, y);
  }

  @Override
  public void swiGluBackward(Tensor dy, Tensor gate, Tensor up, Tensor dGate, Tensor dUp) {
    OperationShapes.same("gate", gate, dy);
    OperationShapes.same("up", up, dy);
    OperationShapes.same("dGate", dGate, dy);
    OperationShapes.same("dUp", dUp, dy);
    SwiGlu.backward(workers, dy, gate, up, dGate, dUp);
  }

  @Override
  public void add(Tensor x, Tensor residual, Tensor y) {
    OperationShapes.same("residual", residual, x);
    OperationShapes.same("y", y, x);
    Rows.add(workers, x, residual, y);
  }

  @Override
  public void copy(Tensor x, Tensor y) {
    OperationShapes.same("y", y, x);
    Rows.copy(workers, x, y);
  }

  @Override
  public void head(Tensor h, Tensor w, Tensor logits) {
    OperationShapes.head(h, w, logits);
    ClassificationHead.forward(h, w, logits);
  }

  @Override
  public void headBackward(Tensor dLogits, Tensor h, Tensor w, Tensor dw, Tensor dh) {
    OperationShapes.head(h, w, dLogits);
    OperationShapes.same("dw", dw, w);
    if (dh != null) {
      OperationShapes.same("dh", dh, h);
    }
    ClassificationHead.backward(dLogits, h, w, dw, dh);
  }

  @Override
  public double[] crossEntropy(Tensor logits, int[] labels, double scale, Tensor dLogits) {
    OperationShapes.crossEntropy(logits, labels, dLogits);
    return ClassificationHead.crossEntropy(logits, labels, scale, dLogits);
  }

  @Override
  public void adamW(
      Tensor parameters, Tensor gradients, Tensor moment1, Tensor moment2, AdamW update) {
    OperationShapes.same("gradients", gradients, parameters);
    OperationShapes.same("moment1", moment1, parameters);
    OperationShapes.same("moment2", moment2, parameters);
    Runs.adamW(workers, parameters, gradients, moment1, moment2, update);
  }

  @Override
  public double squaredNorm(Tensor x) {
    return Runs.squaredNorm(workers, x);
  }

  @Override
  public void scale(Tensor x, double factor) {
    Runs.scale(workers, x, factor);
  }

  @Override
  public void close() {
    workers.close();
    pool.close();
  }
}
