package io.github.lorascope.backend.cuda;

import io.github.lorascope.tensor.Tensor;
import java.util.Arrays;
import java.util.Locale;

/** Collects the arguments of a kernel, in the order that it declares them, and runs it. */
final class Launch {
  /** Numbers that a thread takes at a time where it can; as in numbers.cuh. */
  private static final int WIDE = 4;

  private final Device device;
  private final String kernel;
  private final NumberType type;
  private long[] arguments = new long[24];
  private int count;
  private int sharedBytes;
  private boolean wide = true;

  /** Launches a kernel that takes float32 numbers alone. */
  Launch(Device device, String kernel) {
    this.device = device;
    this.kernel = kernel;
    this.type = NumberType.F32;
  }

  /** Launches a kernel that there is one of for each type. */
  Launch(Device device, String kernel, NumberType type) {
    this.device = device;
    this.kernel = kernel + "_" + type.name().toLowerCase(Locale.ROOT);
    this.type = type;
  }

  /** Passes the address of a float32 matrix and the distance of its rows. */
  Launch matrix(Tensor tensor) {
    return matrix(tensor, NumberType.F32);
  }

  /** Passes the address of a matrix of the kernel's type and the distance of its rows. */
  Launch typed(Tensor tensor) {
    return matrix(tensor, type);
  }

  /** Passes a float32 column, of which a row's number is read alone. */
  Launch statistic(Tensor tensor) {
    boolean before = wide;
    matrix(tensor);
    wide = before;
    return this;
  }

  private Launch matrix(Tensor tensor, NumberType expected) {
    NumberType actual = DeviceStorage.type(tensor);
    if (actual != expected) {
      throw new IllegalArgumentException(
          kernel + " takes " + expected + " where a " + tensor + " of " + actual + " was given");
    }
    wide &= DeviceStorage.aligned(tensor, WIDE);
    return address(DeviceStorage.address(tensor, device)).value(tensor.stride());
  }

  /** Passes the address of a tensor that has one row, or whose rows have no gaps. */
  Launch row(Tensor tensor) {
    if (!tensor.contiguous()) {
      throw new IllegalArgumentException(tensor + " has gaps between its rows");
    }
    long address = DeviceStorage.address(tensor, device);
    wide &= address % (WIDE * Float.BYTES) == 0;
    return address(address);
  }

  /** Passes a number of columns, and whether all matrices so far let four be read at a time. */
  Launch columns(int columns) {
    wide &= columns % WIDE == 0;
    return value(columns).value(wide ? 1 : 0);
  }

  /** Passes a number of columns as {@link #columns} does, and shares so many rows of them out. */
  void each(int rows, int columns) {
    columns(columns).run(Grid.of(rows, wide ? columns / WIDE : columns));
  }

  Launch address(long address) {
    return bits(address);
  }

  Launch value(int value) {
    return bits(Integer.toUnsignedLong(value));
  }

  Launch value(long value) {
    return bits(value);
  }

  Launch value(float value) {
    return bits(Integer.toUnsignedLong(Float.floatToRawIntBits(value)));
  }

  Launch value(double value) {
    return bits(Double.doubleToRawLongBits(value));
  }

  /** Asks for shared memory beyond what the kernel declares. */
  Launch shared(int bytes) {
    sharedBytes = bytes;
    return this;
  }

  /** Runs it; where there is nothing to do, does nothing. */
  void run(Grid grid) {
    if (!grid.empty()) {
      device.launch(kernel, grid, sharedBytes, Arrays.copyOf(arguments, count));
    }
  }

  private Launch bits(long bits) {
    if (count == arguments.length) {
      arguments = Arrays.copyOf(arguments, 2 * count);
    }
    arguments[count++] = bits;
    return this;
  }
}
