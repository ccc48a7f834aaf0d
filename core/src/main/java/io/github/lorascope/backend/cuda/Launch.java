package io.github.lorascope.backend.cuda;

import io.github.lorascope.tensor.Tensor;
import java.util.Arrays;

/** Collects the arguments of a kernel, in the order that it declares them, and runs it. */
final class Launch {
  private final Device device;
  private final String kernel;
  private long[] arguments = new long[24];
  private int count;
  private int sharedBytes;

  Launch(Device device, String kernel) {
    this.device = device;
    this.kernel = kernel;
  }

  /** Passes the address of a matrix and the distance of its rows. */
  Launch matrix(Tensor tensor) {
    return address(DeviceStorage.address(tensor)).value(tensor.stride());
  }

  /** Passes the address of a tensor that has one row, or whose rows have no gaps. */
  Launch row(Tensor tensor) {
    if (!tensor.contiguous()) {
      throw new IllegalArgumentException(tensor + " has gaps between its rows");
    }
    return address(DeviceStorage.address(tensor));
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
