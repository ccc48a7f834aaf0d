package io.github.lorascope.backend.cuda;

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
import io.github.lorascope.tensor.Tensor;
import io.github.lorascope.weights.Nf4Weight;
import io.github.lorascope.weights.Weight;
import java.util.List;

/**
 * The backend for one NVIDIA GPU. The same inputs and shapes on the same GPU give the same bits.
 */
final class CudaBackend implements Backend {
  private final String name;
  private final Device device;
  private final DevicePool pool;
  private final DenseBudget budget;
  private final Linear linear;
  private final IndexLists lists;
  private final CausalAttention attention;

  /**
   * Starts the backend.
   *
   * @param name what it is chosen by
   * @param device the GPU, closed with the backend
   * @param options of these the memory cap is heeded
   */
  CudaBackend(String name, Device device, BackendOptions options) {
    this.name = name;
    this.device = device;
    long cap = Math.min(options.memoryCap(), device.memory());
    this.pool = new DevicePool(device, new MemoryAccount(name, cap));
    this.budget = new DenseBudget(cap);
    this.linear = new Linear(device, pool);
    this.lists = new IndexLists(device);
    this.attention = new CausalAttention(device, pool, lists);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String description() {
    return name + " on " + device.description();
  }

  @Override
  public MemoryAccount memory() {
    return pool.account();
  }

  @Override
  public int maxHeadDimension() {
    return CausalAttention.WIDEST;
  }

  @Override
  public MemoryScope scope(String label) {
    return new MemoryScope(pool, label);
  }

  @Override
  public BackendWeight prepare(Weight weight, Precision precision, MemoryScope owner) {
    return new CudaWeight(weight, precision, device, pool, budget, owner);
  }

  @Override
  public Nf4Weight quantize(Weight source, boolean doubleQuantization) {
    return new Nf4Quantizer(device, pool).quantize(source, doubleQuantization);
  }

  @Override
  public void count(Weight converted, MemoryScope owner) {} // the account is of the GPU's memory

  @Override
  public void gather(BackendWeight table, int[] ids, Tensor y) {
    OperationShapes.gather(table, ids, y);
    try (MemoryScope scratch = scope("which rows")) {
      own(table).gather(Transfer.ints(device, scratch, ids), ids.length, y);
    }
  }

  @Override
  public void selectRows(Tensor x, int[] rows, Tensor y) {
    OperationShapes.rows(x, rows, y);
    try (MemoryScope scratch = scope("which rows")) {
      new Launch(device, "select_rows", DeviceStorage.type(y))
          .typed(x)
          .row(lists.lend(rows, scratch))
          .typed(y)
          .each(rows.length, y.columns());
    }
  }

  @Override
  public void addToRows(Tensor dy, int[] rows, Tensor dx) {
    OperationShapes.rows(dx, rows, dy);
    try (MemoryScope scratch = scope("which rows")) {
      new Launch(device, "add_to_rows")
          .matrix(dy)
          .row(lists.lend(rows, scratch))
          .matrix(dx)
          .value(dy.columns())
          .run(Grid.of(rows.length, dy.columns()));
    }
  }

  @Override
  public void rmsNorm(Tensor x, Tensor gain, double epsilon, Tensor y, Tensor inverse) {
    OperationShapes.rmsNorm(x, gain, y, inverse);
    new Launch(device, "rms_norm", DeviceStorage.type(y))
        .matrix(x)
        .row(gain)
        .value((float) epsilon)
        .typed(y)
        .statistic(inverse)
        .columns(x.columns())
        .run(Grid.rows(x.rows()));
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
    OperationShapes.rmsNorm(x, gain, y, inverse);
    OperationShapes.same("residual", residual, x);
    OperationShapes.same("sum", sum, x);
    new Launch(device, "add_rms_norm", DeviceStorage.type(y))
        .typed(x)
        .matrix(residual)
        .row(gain)
        .value((float) epsilon)
        .matrix(sum)
        .typed(y)
        .statistic(inverse)
        .columns(x.columns())
        .run(Grid.rows(x.rows()));
  }

  @Override
  public void rmsNormBackward(Tensor dy, Tensor x, Tensor gain, Tensor inverse, Tensor dx) {
    OperationShapes.rmsNorm(x, gain, dy, inverse);
    OperationShapes.same("dx", dx, x);
    new Launch(device, "rms_norm_backward")
        .matrix(dy)
        .matrix(x)
        .row(gain)
        .statistic(inverse)
        .matrix(dx)
        .columns(x.columns())
        .run(Grid.rows(x.rows()));
  }

  @Override
  public void headNorm(Tensor x, Tensor gain, double epsilon, Tensor y, Tensor inverse) {
    OperationShapes.headNorm(x, gain, y, inverse);
    new Launch(device, "head_norm", DeviceStorage.type(x))
        .typed(x)
        .row(gain)
        .value((float) epsilon)
        .typed(y)
        .matrix(inverse)
        .value(inverse.columns())
        .value(gain.columns())
        .run(Grid.warps(x.rows(), inverse.columns()));
  }

  @Override
  public void headNormBackward(Tensor dy, Tensor x, Tensor gain, Tensor inverse, Tensor dx) {
    OperationShapes.headNorm(x, gain, dy, inverse);
    OperationShapes.same("dx", dx, x);
    new Launch(device, "head_norm_backward", DeviceStorage.type(x))
        .typed(dy)
        .typed(x)
        .row(gain)
        .matrix(inverse)
        .typed(dx)
        .value(inverse.columns())
        .value(gain.columns())
        .run(Grid.warps(x.rows(), inverse.columns()));
  }

  @Override
  public void linear(Tensor x, BackendWeight weight, Tensor bias, LowRank adapter, Tensor y) {
    OperationShapes.linear(x, weight, bias, adapter, y);
    own(x, bias, y);
    own(adapter);
    linear.forward(x, own(weight), bias, adapter, y);
  }

  @Override
  public void linearBackward(
      Tensor dy, BackendWeight weight, LowRank adapter, Tensor dxa, Tensor dx, boolean add) {
    OperationShapes.linear(dx, weight, null, adapter, dy);
    OperationShapes.passedOn(adapter, dxa);
    own(dy, dxa, dx);
    own(adapter);
    linear.backward(dy, own(weight), adapter, dxa, dx, add);
  }

  @Override
  public void lowRankBackward(List<LowRankGradient> paths) {
    for (LowRankGradient gradient : paths) {
      OperationShapes.lowRank(gradient);
      own(gradient.dy(), gradient.dxa(), gradient.x(), gradient.a(), gradient.b());
      own(gradient.path());
      linear.gradients(gradient);
    }
  }

  @Override
  public void rope(
      Tensor x, int headDim, Tensor cos, Tensor sin, int[] positions, boolean inverse) {
    OperationShapes.rope(x, headDim, cos, sin, positions);
    try (MemoryScope scratch = scope("positions")) {
      new Launch(device, "rope", DeviceStorage.type(x))
          .typed(x)
          .value(x.columns() / headDim)
          .value(headDim)
          .matrix(cos)
          .matrix(sin)
          .row(lists.lend(positions, scratch))
          .value(inverse ? -1f : 1f)
          .columns(cos.columns())
          .run(Grid.rows(x.rows()));
    }
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
    OperationShapes.same("y", y, q);
    OperationShapes.same("dq", dq, q);
    OperationShapes.same("dk", dk, k);
    OperationShapes.same("dv", dv, v);
    attention.backward(dy, q, k, v, shape, y, dq, dk, dv);
  }

  @Override
  public void attentionWeights(Tensor q, Tensor k, AttentionShape shape, int sequence, Tensor p) {
    OperationShapes.attentionWeights(shape, sequence, q, k, p);
    attention.weights(q, k, shape, sequence, p);
  }

  @Override
  public void attentionMass(
      Tensor q, Tensor k, AttentionShape shape, int sequence, int from, int[] spans, Tensor y) {
    OperationShapes.attentionMass(shape, sequence, q, k, from, spans, y);
    attention.mass(q, k, shape, sequence, from, spans, y);
  }

  @Override
  public void swiGlu(Tensor gate, Tensor up, Tensor y) {
    OperationShapes.same("gate", gate, y);
    OperationShapes.same("up", up, y);
    new Launch(device, "swi_glu", DeviceStorage.type(y))
        .typed(gate)
        .typed(up)
        .typed(y)
        .each(y.rows(), y.columns());
  }

  @Override
  public void swiGluBackward(Tensor dy, Tensor gate, Tensor up, Tensor dGate, Tensor dUp) {
    OperationShapes.same("gate", gate, dy);
    OperationShapes.same("up", up, dy);
    OperationShapes.same("dGate", dGate, dy);
    OperationShapes.same("dUp", dUp, dy);
    new Launch(device, "swi_glu_backward", DeviceStorage.type(dy))
        .typed(dy)
        .typed(gate)
        .typed(up)
        .typed(dGate)
        .typed(dUp)
        .each(dy.rows(), dy.columns());
  }

  @Override
  public void add(Tensor x, Tensor residual, Tensor y) {
    OperationShapes.same("residual", residual, x);
    OperationShapes.same("y", y, x);
    new Launch(device, "add", DeviceStorage.type(x))
        .typed(x)
        .matrix(residual)
        .matrix(y)
        .each(y.rows(), y.columns());
  }

  @Override
  public void copy(Tensor x, Tensor y) {
    OperationShapes.same("y", y, x);
    new Launch(device, "copy", DeviceStorage.type(y)).typed(x).typed(y).each(y.rows(), y.columns());
  }

  @Override
  public void head(Tensor h, Tensor w, Tensor logits) {
    OperationShapes.head(h, w, logits);
    new Launch(device, "head")
        .matrix(h)
        .matrix(w)
        .matrix(logits)
        .value(h.columns())
        .run(Grid.blocks(logits.rows(), logits.columns()));
  }

  @Override
  public void headBackward(Tensor dLogits, Tensor h, Tensor w, Tensor dw, Tensor dh) {
    OperationShapes.head(h, w, dLogits);
    OperationShapes.same("dw", dw, w);
    new Launch(device, "head_backward_weight")
        .matrix(dLogits)
        .matrix(h)
        .matrix(dw)
        .value(h.rows())
        .value(h.columns())
        .run(Grid.of(w.rows(), h.columns()));
    if (dh != null) {
      OperationShapes.same("dh", dh, h);
      new Launch(device, "head_backward_input")
          .matrix(dLogits)
          .matrix(w)
          .matrix(dh)
          .value(w.rows())
          .value(h.columns())
          .run(Grid.of(h.rows(), h.columns()));
    }
  }

  @Override
  public double[] crossEntropy(Tensor logits, int[] labels, double scale, Tensor dLogits) {
    OperationShapes.crossEntropy(logits, labels, dLogits);
    try (MemoryScope scratch = scope("the losses of pairs")) {
      Tensor losses = Transfer.room(scratch, (long) Double.BYTES * labels.length);
      Launch launch =
          new Launch(device, "cross_entropy")
              .matrix(logits)
              .row(Transfer.ints(device, scratch, labels))
              .value(scale)
              .row(losses);
      (dLogits == null ? launch.address(0).value(0) : launch.matrix(dLogits))
          .value(labels.length)
          .value(logits.columns())
          .run(Grid.numbers(labels.length, Integer.MAX_VALUE));
      return Transfer.doubles(device, losses, labels.length);
    }
  }

  @Override
  public void adamW(
      Tensor parameters, Tensor gradients, Tensor moment1, Tensor moment2, AdamW update) {
    OperationShapes.same("gradients", gradients, parameters);
    OperationShapes.same("moment1", moment1, parameters);
    OperationShapes.same("moment2", moment2, parameters);
    double correction1 = 1 - Math.pow(update.beta1(), update.step());
    double correction2 = 1 - Math.pow(update.beta2(), update.step());
    new Launch(device, "adam_w")
        .matrix(parameters)
        .matrix(gradients)
        .matrix(moment1)
        .matrix(moment2)
        .value(parameters.columns())
        .value((float) update.beta1())
        .value((float) (1 - update.beta1()))
        .value((float) update.beta2())
        .value((float) (1 - update.beta2()))
        .value((float) update.epsilon())
        .value((float) (update.learningRate() * update.weightDecay()))
        .value((float) (update.learningRate() / correction1))
        .value((float) Math.sqrt(correction2))
        .run(Grid.of(parameters.rows(), parameters.columns()));
  }

  @Override
  public double squaredNorm(Tensor x) {
    return squaredNorms(List.of(x))[0];
  }

  @Override
  public double[] squaredNorms(List<Tensor> parts) {
    return SquaredNorms.of(device, pool, parts);
  }

  @Override
  public void scale(Tensor x, double factor) {
    new Launch(device, "scale_matrix")
        .matrix(x)
        .value((float) factor)
        .value(x.columns())
        .run(Grid.of(x.rows(), x.columns()));
  }

  /** Products know addresses alone, so what they are of is checked before; null is nothing. */
  private void own(Tensor... tensors) {
    for (Tensor tensor : tensors) {
      if (tensor != null) {
        DeviceStorage.address(tensor, device);
      }
    }
  }

  private void own(LowRank adapter) {
    if (adapter != null) {
      own(adapter.a(), adapter.b(), adapter.xa());
    }
  }

  private CudaWeight own(BackendWeight weight) {
    CudaWeight prepared = OperationShapes.prepared(CudaWeight.class, weight);
    if (!prepared.isOn(device)) {
      throw new IllegalArgumentException(
          "the weight "
              + weight.weight().name()
              + " is on another device: prepare it by the backend that computes with it");
    }
    return prepared;
  }

  @Override
  public void close() {
    lists.close();
    device.close();
  }
}
