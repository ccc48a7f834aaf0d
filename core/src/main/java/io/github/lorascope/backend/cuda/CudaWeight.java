package io.github.lorascope.backend.cuda;

import io.github.lorascope.backend.BackendWeight;
import io.github.lorascope.backend.Precision;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.StoragePool;
import io.github.lorascope.tensor.Tensor;
import io.github.lorascope.weights.DenseWeight;
import io.github.lorascope.weights.Nf4Weight;
import io.github.lorascope.weights.Weight;
import io.github.lorascope.weights.WeightForm;
import java.util.function.Function;

/**
 * A weight on the device, taken there when it is first used. One in 4 bits is dequantized once, and
 * only that is kept, where the {@link DenseBudget} grants it; else its codes are kept, and it is
 * dequantized for each use of many rows. Thread-safe.
 */
final class CudaWeight implements BackendWeight {
  private final Weight weight;
  private final boolean bf16;
  private final Device device;
  private final StoragePool pool;
  private final MemoryScope memory;
  private final boolean keepsCodes;
  private Tensor dense;
  private Tensor table;
  private Nf4Codes codes;

  /**
   * Creates a weight that takes no memory yet.
   *
   * @param weight the weight on the host
   * @param precision what products round their operands to
   * @param device where it is taken
   * @param pool where its memory comes from
   * @param budget grants memory for a dequantized form
   * @param owner frees it
   */
  CudaWeight(
      Weight weight,
      Precision precision,
      Device device,
      StoragePool pool,
      DenseBudget budget,
      MemoryScope owner) {
    this.weight = weight;
    this.bf16 = precision == Precision.BF16;
    this.device = device;
    this.pool = pool;
    this.memory = new MemoryScope(pool, "weight " + weight.name());
    owner.attach(memory);
    long bytes = denseBytes();
    keepsCodes = weight instanceof Nf4Weight && !budget.grant(bytes);
    if (weight instanceof Nf4Weight && !keepsCodes) {
      owner.attach(() -> budget.giveBack(bytes));
    }
  }

  @Override
  public Weight weight() {
    return weight;
  }

  /** What a product with this weight rounds its other operand to. */
  NumberType rounding() {
    return bf16 ? NumberType.BF16 : NumberType.F32;
  }

  boolean isOn(Device other) {
    return device == other;
  }

  /** y = beta y + x W^T. */
  void forward(Tensor x, float beta, Tensor y, MemoryScope scratch) {
    Nf4Codes few = prepared();
    if (few != null && bf16 && few.multiplies(x, y)) {
      few.multiply(x, beta != 0, y);
    } else {
      Operand in = Operand.rounded(x, rounding(), device, scratch);
      Product.of(1, in, x.columns(), dense(few, scratch).transpose(), beta, y).run(device);
    }
  }

  /** dx = beta dx + dy W, of a dy that is rounded already. */
  void backward(Operand dy, float beta, Tensor dx, MemoryScope scratch) {
    Operand w = dense(prepared(), scratch);
    Product.of(1, dy, weight.rows(), w, beta, dx).run(device);
  }

  /** Takes the weight to the device, and returns its codes where they are what is kept, or null. */
  private synchronized Nf4Codes prepared() {
    if (keepsCodes && codes == null) {
      codes = kept(scope -> Nf4Codes.of((Nf4Weight) weight, device, scope));
    } else if (!keepsCodes && dense == null) {
      dense = kept(this::dense);
    }
    return codes;
  }

  /** Makes something that lasts as long as the weight; nothing of it is left where that fails. */
  private <T> T kept(Function<MemoryScope, T> making) {
    MemoryScope scope = new MemoryScope(pool, "weight " + weight.name());
    boolean done = false;
    try {
      T made = making.apply(scope);
      memory.attach(scope);
      done = true;
      return made;
    } finally {
      if (!done) {
        scope.close();
      }
    }
  }

  private Tensor dense(MemoryScope scope) {
    if (!(weight instanceof Nf4Weight nf4)) {
      return upload(scope);
    }
    try (MemoryScope temporary = new MemoryScope(pool, "weight " + weight.name())) {
      Tensor room = Transfer.room(scope, denseBytes());
      Nf4Codes.of(nf4, device, temporary).dequantize(bf16, room);
      return room;
    }
  }

  private Operand dense(Nf4Codes kept, MemoryScope scratch) {
    Tensor room = dense;
    if (kept != null) {
      room = Transfer.room(scratch, denseBytes());
      kept.dequantize(bf16, room);
    }
    return new Operand(DeviceStorage.address(room), weight.columns(), bf16, false);
  }

  /** Reads rows, unrounded. */
  synchronized void gather(Tensor ids, int count, Tensor y) {
    WeightForm form = weight instanceof DenseWeight ? weight.form() : WeightForm.F32;
    if (table == null) {
      table =
          kept(
              scope ->
                  weight instanceof DenseWeight stored
                      ? Transfer.bytes(device, scope, stored.data())
                      : DenseUpload.of(weight, false, device, scope));
    }
    String kernel =
        switch (form) {
          case F32, NF4, GGUF -> "gather_f32";
          case BF16 -> "gather_bf16";
          case F16 -> "gather_f16";
        };
    new Launch(device, kernel)
        .row(table)
        .row(ids)
        .matrix(y)
        .value(y.columns())
        .run(Grid.of(count, y.columns()));
  }

  private long denseBytes() {
    return (bf16 ? 2L : 4L) * weight.rows() * weight.columns();
  }

  private Tensor upload(MemoryScope scope) {
    boolean asStored =
        weight instanceof DenseWeight && weight.form() == (bf16 ? WeightForm.BF16 : WeightForm.F32);
    return asStored
        ? Transfer.bytes(device, scope, ((DenseWeight) weight).data())
        : DenseUpload.of(weight, bf16, device, scope);
  }
}
