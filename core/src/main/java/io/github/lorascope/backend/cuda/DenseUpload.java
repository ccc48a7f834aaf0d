package io.github.lorascope.backend.cuda;

import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;
import io.github.lorascope.weights.Bfloat16;
import io.github.lorascope.weights.Weight;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Takes a weight's numbers to a device, some rows at a time, so that the heap never holds all. */
final class DenseUpload {
  /** Numbers that are taken at once. */
  private static final int CHUNK = 1 << 20;

  private DenseUpload() {}

  /** Returns room that holds the numbers row by row, in bfloat16 or float32. */
  static Tensor of(Weight weight, boolean bf16, Device device, MemoryScope scope) {
    int size = bf16 ? Short.BYTES : Float.BYTES;
    int columns = weight.columns();
    Tensor room = Transfer.room(scope, (long) size * weight.rows() * columns);
    int step = Math.min(Math.max(1, CHUNK / columns), weight.rows());
    float[] values = new float[Math.multiplyExact(step, columns)];
    for (int from = 0; from < weight.rows(); from += step) {
      int to = Math.min(weight.rows(), from + step);
      weight.read(from, to, values, 0);
      int count = (to - from) * columns;
      ByteBuffer bytes =
          ByteBuffer.allocate(Math.multiplyExact(count, size)).order(ByteOrder.nativeOrder());
      for (int i = 0; i < count; i++) {
        if (bf16) {
          bytes.putShort(Bfloat16.toBits(values[i]));
        } else {
          bytes.putFloat(values[i]);
        }
      }
      device.write(DeviceStorage.address(room) + (long) from * columns * size, bytes.flip());
    }
    return room;
  }
}
