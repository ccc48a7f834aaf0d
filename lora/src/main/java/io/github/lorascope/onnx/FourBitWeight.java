package io.github.lorascope.onnx;

import io.github.lorascope.weights.Nf4;
import io.github.lorascope.weights.Nf4Weight;
import io.github.lorascope.weights.Weight;
import io.github.lorascope.weights.WeightForm;
import java.lang.ref.SoftReference;

/** A weight that is quantized to NF4 when it is read, and kept so as long as memory allows. */
final class FourBitWeight implements Weight {
  private final Weight source;
  private final boolean doubleQuantization;
  private SoftReference<Nf4Weight> quantized = new SoftReference<>(null);

  private FourBitWeight(Weight source, boolean doubleQuantization) {
    this.source = source;
    this.doubleQuantization = doubleQuantization;
  }

  /** The weight itself where it has 4 bits. */
  static Weight of(Weight weight, boolean doubleQuantization) {
    return weight.form() == WeightForm.NF4 ? weight : new FourBitWeight(weight, doubleQuantization);
  }

  /** A weight of the form NF4 as codes and scales. */
  static Nf4Weight codes(Weight weight) {
    return weight instanceof FourBitWeight late ? late.quantized() : (Nf4Weight) weight;
  }

  private synchronized Nf4Weight quantized() {
    Nf4Weight made = quantized.get();
    if (made == null) {
      made = Nf4.quantize(source, doubleQuantization);
      quantized = new SoftReference<>(made);
    }
    return made;
  }

  @Override
  public int rows() {
    return source.rows();
  }

  @Override
  public int columns() {
    return source.columns();
  }

  @Override
  public String name() {
    return source.name();
  }

  @Override
  public WeightForm form() {
    return WeightForm.NF4;
  }

  @Override
  public long bytes() {
    return quantized().bytes();
  }

  @Override
  public void read(int from, int to, float[] target, int offset) {
    quantized().read(from, to, target, offset);
  }
}
