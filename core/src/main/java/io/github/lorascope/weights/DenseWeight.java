package io.github.lorascope.weights;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.ShortBuffer;
import java.util.Objects;

/** A weight with one floating point number an element, usually mapped from a file. */
public final class DenseWeight implements Weight {
  private final String name;
  private final int rows;
  private final int columns;
  private final WeightForm form;
  private final ByteBuffer data;

  private DenseWeight(String name, int rows, int columns, WeightForm form, ByteBuffer data) {
    this.name = name;
    this.rows = rows;
    this.columns = columns;
    this.form = form;
    this.data = data;
  }

  /**
   * Views bytes as a weight.
   *
   * @param name what it is called in the checkpoint
   * @param rows its rows
   * @param columns its columns
   * @param form F32, F16 or BF16
   * @param data the elements row by row, little-endian, from position to limit; not copied, so must
   *     not change
   * @return the weight
   */
  public static DenseWeight of(
      String name, int rows, int columns, WeightForm form, ByteBuffer data) {
    long bytes = (long) rows * columns * elementBytes(form);
    if (rows < 1 || columns < 1 || data.remaining() != bytes) {
      throw new IllegalArgumentException(
          name + " [" + rows + ", " + columns + "] cannot have " + data.remaining() + " bytes");
    }
    return new DenseWeight(
        name, rows, columns, form, data.slice().asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN));
  }

  /**
   * Makes a weight of float32 numbers.
   *
   * @param name what to call it
   * @param rows its rows
   * @param columns its columns
   * @param values the elements row by row; copied
   * @return the weight
   */
  public static DenseWeight of(String name, int rows, int columns, float[] values) {
    ByteBuffer data =
        ByteBuffer.allocate(Math.multiplyExact(values.length, Float.BYTES))
            .order(ByteOrder.LITTLE_ENDIAN);
    data.asFloatBuffer().put(values);
    return of(name, rows, columns, WeightForm.F32, data);
  }

  /**
   * Converts a weight row by row, into memory outside the heap.
   *
   * @param source what to convert
   * @param form F32 or BF16, rounded to nearest, ties to even
   * @return the weight under the same name
   * @throws IllegalArgumentException if the form is another one
   * @throws WeightException if it would take more than 2^31 - 1 bytes
   * @throws io.github.lorascope.tensor.MemoryCapException if Java gives no more memory
   */
  public static DenseWeight converted(Weight source, WeightForm form) {
    if (form != WeightForm.F32 && form != WeightForm.BF16) {
      throw new IllegalArgumentException("cannot convert to " + form);
    }
    int columns = source.columns();
    ByteBuffer data =
        OffHeap.allocate(
            source.name(), Math.multiplyExact((long) source.rows() * columns, elementBytes(form)));
    float[] row = new float[columns];
    for (int r = 0; r < source.rows(); r++) {
      source.read(r, r + 1, row, 0);
      for (float value : row) {
        if (form == WeightForm.F32) {
          data.putFloat(value);
        } else {
          data.putShort(Bfloat16.toBits(value));
        }
      }
    }
    return of(source.name(), source.rows(), columns, form, data.flip());
  }

  @Override
  public int rows() {
    return rows;
  }

  @Override
  public int columns() {
    return columns;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public WeightForm form() {
    return form;
  }

  @Override
  public long bytes() {
    return data.remaining();
  }

  /**
   * Returns the elements as they are kept, for a backend that computes with the form itself.
   *
   * @return the bytes row by row, read-only and little-endian
   */
  public ByteBuffer data() {
    return data.duplicate().order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public void read(int from, int to, float[] target, int offset) {
    Objects.checkFromToIndex(from, to, rows);
    int start = from * columns;
    int count = (to - from) * columns;
    Objects.checkFromIndexSize(offset, count, target.length);
    switch (form) {
      case F32 -> floats().get(start, target, offset, count);
      case F16 -> HalfFloats.fromF16(shorts(), start, target, offset, count);
      case BF16 -> HalfFloats.fromBf16(shorts(), start, target, offset, count);
      case NF4, GGUF -> throw new AssertionError(form);
    }
  }

  @Override
  public void readRounded(int from, int to, float[] target, int offset) {
    if (form == WeightForm.BF16) {
      read(from, to, target, offset); // they are
    } else {
      Weight.super.readRounded(from, to, target, offset);
    }
  }

  /**
   * Checks that every element is finite.
   *
   * @throws WeightException if one is NaN or infinite; names the first
   */
  public void requireFinite() {
    int bad = new FiniteScan(form, data()).firstBad();
    if (bad >= 0) {
      throw new WeightException(
          name
              + " holds NaN or infinity at row "
              + bad / columns
              + ", column "
              + bad % columns
              + "; the checkpoint is damaged");
    }
  }

  private FloatBuffer floats() {
    return data().asFloatBuffer();
  }

  private ShortBuffer shorts() {
    return data().asShortBuffer();
  }

  private static int elementBytes(WeightForm form) {
    return switch (form) {
      case F32 -> 4;
      case F16, BF16 -> 2;
      case NF4, GGUF -> throw new IllegalArgumentException(form + " is not dense");
    };
  }
}
