package io.github.lorascope.backend.reference;

import io.github.lorascope.backend.AdamW;
import io.github.lorascope.backend.AttentionShape;
import io.github.lorascope.backend.Backend;
import io.github.lorascope.backend.BackendOptions;
import io.github.lorascope.backend.BackendWeight;
import io.github.lorascope.backend.LowRank;
import io.github.lorascope.backend.LowRankGradient;
import io.github.lorascope.backend.OperationShapes;
import io.github.lorascope.backend.Precision;
import io.github.lorascope.tensor.MemoryAccount;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.StoragePool;
import io.github.lorascope.tensor.Tensor;
import io.github.lorascope.weights.Weight;
import java.util.List;

/** The backend that the others are measured against. */
public final class ReferenceBackend implements Backend {
  static final String NAME = "reference";

  private final StoragePool pool;

  /**
   * Starts the backend; of the options it heeds the memory cap, and computes on the calling thread.
   *
   * @param options the options
   */
  public ReferenceBackend(BackendOptions options) {
    this(new HeapPool(new MemoryAccount(NAME, options.memoryCap())));
  }

  ReferenceBackend(StoragePool pool) {
    this.pool = pool;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String description() {
    return "reference: plain Java, one thread, float32";
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
  public BackendWeight prepare(Weight weight, Precision precision, MemoryScope owner) {
    return new ReferenceWeight(weight, precision);
  }

  @Override
  public void gather(BackendWeight table, int[] ids, Tensor y) {
    float[] row = new float[y.columns()];
    for (int i = 0; i < ids.length; i++) {
      table.weight().read(ids[i], ids[i] + 1, row, 0);
      y.storage().write(y.offset(i), row, 0, row.length);
    }
  }

  @Override
  public void selectRows(Tensor x, int[] rows, Tensor y) {
    for (int i = 0; i < rows.length; i++) {
      Rows.write(Rows.read(x, rows[i]), y, i);
    }
  }

  @Override
  public void addToRows(Tensor dy, int[] rows, Tensor dx) {
    for (int i = 0; i < rows.length; i++) {
      double[] sum = Rows.read(dx, rows[i]);
      Rows.axpy(1, Rows.read(dy, i), sum);
      Rows.write(sum, dx, rows[i]);
    }
  }

  @Override
  public void rmsNorm(Tensor x, Tensor gain, double epsilon, Tensor y, Tensor inverse) {
    RmsNorm.forward(x, gain, epsilon, y, inverse);
  }

  @Override
  public void rmsNormBackward(Tensor dy, Tensor x, Tensor gain, Tensor inverse, Tensor dx) {
    RmsNorm.backward(dy, x, gain, inverse, dx);
  }

  @Override
  public void linear(Tensor x, BackendWeight weight, Tensor bias, LowRank adapter, Tensor y) {
    Linear.forward(x, OperationShapes.prepared(ReferenceWeight.class, weight), bias, adapter, y);
  }

  @Override
  public void linearBackward(
      Tensor dy, BackendWeight weight, LowRank adapter, Tensor dxa, Tensor dx, boolean add) {
    Linear.backward(
        dy, OperationShapes.prepared(ReferenceWeight.class, weight), adapter, dxa, dx, add);
  }

  @Override
  public void lowRankBackward(List<LowRankGradient> paths) {
    paths.forEach(Linear::gradients);
  }

  @Override
  public void rope(
      Tensor x, int headDim, Tensor cos, Tensor sin, int[] positions, boolean inverse) {
    Rope.rotate(x, headDim, cos, sin, positions, inverse);
  }

  @Override
  public void attention(Tensor q, Tensor k, Tensor v, AttentionShape shape, Tensor y) {
    CausalAttention.forward(q, k, v, shape, y);
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
    CausalAttention.backward(dy, q, k, v, shape, dq, dk, dv);
  }

  @Override
  public void attentionWeights(Tensor q, Tensor k, AttentionShape shape, int sequence, Tensor p) {
    CausalAttention.weights(q, k, shape, sequence, p);
  }

  @Override
  public void swiGlu(Tensor gate, Tensor up, Tensor y) {
    SwiGlu.forward(gate, up, y);
  }

  @Override
  public void swiGluBackward(Tensor dy, Tensor gate, Tensor up, Tensor dGate, Tensor dUp) {
    SwiGlu.backward(dy, gate, up, dGate, dUp);
  }

  @Override
  public void add(Tensor x, Tensor residual, Tensor y) {
    double[][] sum = Rows.read(residual);
    for (int row = 0; row < sum.length; row++) {
      Rows.axpy(1, Rows.read(x, row), sum[row]);
    }
    Rows.write(sum, y);
  }

  @Override
  public void copy(Tensor x, Tensor y) {
    Rows.write(Rows.read(x), y);
  }

  @Override
  public void head(Tensor h, Tensor w, Tensor logits) {
    ClassificationHead.forward(h, w, logits);
  }

  @Override
  public void headBackward(Tensor dLogits, Tensor h, Tensor w, Tensor dw, Tensor dh) {
    ClassificationHead.backward(dLogits, h, w, dw, dh);
  }

  @Override
  public double[] crossEntropy(Tensor logits, int[] labels, double scale, Tensor dLogits) {
    return ClassificationHead.crossEntropy(logits, labels, scale, dLogits);
  }

  @Override
  public void adamW(
      Tensor parameters, Tensor gradients, Tensor moment1, Tensor moment2, AdamW update) {
    Optimizer.adamW(parameters, gradients, moment1, moment2, update);
  }

  @Override
  public double squaredNorm(Tensor x) {
    double sum = 0;
    for (int row = 0; row < x.rows(); row++) {
      double[] values = Rows.read(x, row);
      sum += Rows.dot(values, values);
    }
    return sum;
  }

  @Override
  public void scale(Tensor x, double factor) {
    for (int row = 0; row < x.rows(); row++) {
      double[] values = new double[x.columns()];
      Rows.axpy(factor, Rows.read(x, row), values);
      Rows.write(values, x, row);
    }
  }

  @Override
  public void close() {} // the heap needs none
}
