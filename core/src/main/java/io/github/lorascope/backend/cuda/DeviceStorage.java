package io.github.lorascope.backend.cuda;

import io.github.lorascope.tensor.Storage;
import io.github.lorascope.tensor.Tensor;
import io.github.lorascope.weights.Bfloat16;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;

/** Float32 or bfloat16 numbers in device memory. Any use after its scope was closed is refused. */
final class DeviceStorage implements Storage {
  /** Numbers that are copied at once, by way of a buffer on the heap. */
  private static final int PIECE = 1 << 20;

  private final Device device;
  private final NumberType type;
  private final long size;
  private volatile long address;

  DeviceStorage(Device device, NumberType type, long size, long address) {
    this.device = device;
    this.type = type;
    this.size = size;
    this.address = address;
  }

  /** Finds where a tensor of a device lies; the address of another's means something else there. */
  static long address(Tensor tensor, Device device) {
    if (of(tensor).device != device) {
      throw foreign(tensor);
    }
    return address(tensor);
  }

  /** Finds where a tensor lies whose device is known. */
  static long address(Tensor tensor) {
    return of(tensor).at(tensor.offset());
  }

  static NumberType type(Tensor tensor) {
    return of(tensor).type;
  }

  /** Tells whether every row begins at a multiple of so many numbers. */
  static boolean aligned(Tensor tensor, int numbers) {
    return address(tensor) % ((long) numbers * type(tensor).bytes()) == 0
        && tensor.stride() % numbers == 0;
  }

  private static DeviceStorage of(Tensor tensor) {
    if (tensor.storage() instanceof DeviceStorage storage) {
      return storage;
    }
    throw foreign(tensor);
  }

  private static IllegalArgumentException foreign(Tensor tensor) {
    return new IllegalArgumentException(tensor + " belongs to another backend");
  }

  /** Lets go of the memory, once. */
  long release() {
    long released = at(0);
    address = 0;
    return released;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public long bytes() {
    return size * type.bytes();
  }

  @Override
  public double get(long index) {
    float[] one = new float[1];
    read(index, one, 0, 1);
    return one[0];
  }

  @Override
  public void set(long index, double value) {
    write(index, new float[] {(float) value}, 0, 1);
  }

  @Override
  public void read(long index, float[] target, int offset, int count) {
    Objects.checkFromIndexSize(index, (long) count, size);
    int part;
    for (int done = 0; done < count; done += part) {
      part = Math.min(PIECE, count - done);
      readPiece(index + done, target, offset + done, part);
    }
  }

  private void readPiece(long index, float[] target, int offset, int count) {
    ByteBuffer bytes = buffer(count);
    device.read(at(index), bytes);
    bytes.rewind().order(ByteOrder.nativeOrder());
    if (type == NumberType.F32) {
      bytes.asFloatBuffer().get(target, offset, count);
    } else {
      for (int i = 0; i < count; i++) {
        target[offset + i] = Bfloat16.fromBits(bytes.getShort());
      }
    }
  }

  @Override
  public void write(long index, float[] source, int offset, int count) {
    Objects.checkFromIndexSize(index, (long) count, size);
    int part;
    for (int done = 0; done < count; done += part) {
      part = Math.min(PIECE, count - done);
      writePiece(index + done, source, offset + done, part);
    }
  }

  private void writePiece(long index, float[] source, int offset, int count) {
    ByteBuffer bytes = buffer(count);
    if (type == NumberType.F32) {
      bytes.asFloatBuffer().put(source, offset, count);
    } else {
      for (int i = 0; i < count; i++) {
        bytes.putShort(Bfloat16.toBits(source[offset + i]));
      }
      bytes.flip();
    }
    device.write(at(index), bytes);
  }

  @Override
  public void fill(long index, long count, float value) {
    Objects.checkFromIndexSize(index, count, size);
    int columns = (int) Math.min(count, Integer.MAX_VALUE);
    for (long done = 0; done < count; done += columns) {
      int part = (int) Math.min(columns, count - done);
      new Launch(device, "fill", type)
          .address(at(index + done))
          .value(part)
          .value(value)
          .value(part)
          .run(Grid.of(1, part));
    }
  }

  private ByteBuffer buffer(int count) {
    return ByteBuffer.allocate(count * type.bytes()).order(ByteOrder.nativeOrder());
  }

  private long at(long index) {
    Objects.checkIndex(index, size + 1);
    long start = address;
    if (start == 0) {
      throw new IllegalStateException("a tensor is used after its memory scope was closed");
    }
    return start + index * type.bytes();
  }
}
