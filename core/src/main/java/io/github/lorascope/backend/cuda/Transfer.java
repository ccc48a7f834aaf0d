package io.github.lorascope.backend.cuda;

import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Takes to and from a device what is not a matrix of float32 numbers. */
final class Transfer {
  private static final int LINE = 1024;

  private Transfer() {}

  /** Makes room for bytes, in a tensor that is only looked at by its address. */
  static Tensor room(MemoryScope scope, long bytes) {
    long words = (bytes + Float.BYTES - 1) / Float.BYTES;
    return words <= Integer.MAX_VALUE
        ? scope.tensor(1, (int) words)
        : scope.tensor(Math.toIntExact((words + LINE - 1) / LINE), LINE);
  }

  /** Copies bytes, from position to limit, to new room. */
  static Tensor bytes(Device device, MemoryScope scope, ByteBuffer source) {
    Tensor room = room(scope, source.remaining());
    device.write(DeviceStorage.address(room), source);
    return room;
  }

  static Tensor ints(Device device, MemoryScope scope, int[] values) {
    ByteBuffer bytes = buffer(Math.multiplyExact(values.length, Integer.BYTES));
    bytes.asIntBuffer().put(values);
    return bytes(device, scope, bytes);
  }

  static Tensor longs(Device device, MemoryScope scope, long... values) {
    ByteBuffer bytes = buffer(Math.multiplyExact(values.length, Long.BYTES));
    bytes.asLongBuffer().put(values);
    return bytes(device, scope, bytes);
  }

  /** Reads bytes back. */
  static ByteBuffer bytes(Device device, Tensor room, int count) {
    ByteBuffer bytes = ByteBuffer.allocate(count);
    device.read(DeviceStorage.address(room), bytes);
    return bytes.rewind().order(ByteOrder.nativeOrder());
  }

  static double[] doubles(Device device, Tensor room, int count) {
    double[] values = new double[count];
    bytes(device, room, Math.multiplyExact(count, Double.BYTES)).asDoubleBuffer().get(values);
    return values;
  }

  private static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.nativeOrder());
  }
}
