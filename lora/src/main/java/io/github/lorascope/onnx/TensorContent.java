package io.github.lorascope.onnx;

import io.github.lorascope.weights.Nf4Weight;
import io.github.lorascope.weights.Weight;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.function.Supplier;

/** The bytes of a tensor, little-endian, made a block at a time while they are written. */
interface TensorContent {
  /** How many there are; known before any is made. */
  long bytes();

  /** Makes them. */
  void writeTo(Sink sink) throws IOException;

  /** Where they go. */
  interface Sink {
    void write(byte[] bytes, int offset, int length) throws IOException;
  }

  /** Numbers made at a time. */
  int BLOCK = 1 << 18;

  /** Writes all bytes and makes sure that they are as many as were announced. */
  static void write(TensorContent content, Sink sink) throws IOException {
    long[] written = {0};
    content.writeTo(
        (bytes, offset, length) -> {
          sink.write(bytes, offset, length);
          written[0] += length;
        });
    if (written[0] != content.bytes()) {
      throw new IllegalStateException(written[0] + " bytes of " + content.bytes());
    }
  }

  static TensorContent of(float[] values) {
    ByteBuffer buffer = littleEndian(values.length * Float.BYTES);
    buffer.asFloatBuffer().put(values);
    return of(buffer);
  }

  static TensorContent of(long[] values) {
    ByteBuffer buffer = littleEndian(values.length * Long.BYTES);
    buffer.asLongBuffer().put(values);
    return of(buffer);
  }

  /** What remains in a buffer. */
  static TensorContent of(ByteBuffer buffer) {
    return new TensorContent() {
      @Override
      public long bytes() {
        return buffer.remaining();
      }

      @Override
      public void writeTo(Sink sink) throws IOException {
        copy(buffer, sink);
      }
    };
  }

  /** The rows of a weight as float32. */
  static TensorContent rows(Weight weight) {
    return new TensorContent() {
      @Override
      public long bytes() {
        return (long) Float.BYTES * weight.rows() * weight.columns();
      }

      @Override
      public void writeTo(Sink sink) throws IOException {
        int step = Math.max(1, BLOCK / weight.columns());
        float[] values = new float[step * weight.columns()];
        byte[] bytes = new byte[values.length * Float.BYTES];
        FloatBuffer floats = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
        for (int from = 0; from < weight.rows(); from += step) {
          int to = Math.min(from + step, weight.rows());
          weight.read(from, to, values, 0);
          int count = (to - from) * weight.columns();
          floats.put(0, values, 0, count);
          sink.write(bytes, 0, count * Float.BYTES);
        }
      }
    };
  }

  /** The codes of a weight in 4 bits, two a byte. */
  static TensorContent codes(Supplier<Nf4Weight> weight, long bytes) {
    return new TensorContent() {
      @Override
      public long bytes() {
        return bytes;
      }

      @Override
      public void writeTo(Sink sink) throws IOException {
        copy(weight.get().packed(), sink);
      }
    };
  }

  /** The scales of a weight in 4 bits, as float32. */
  static TensorContent scales(Supplier<Nf4Weight> weight, int blocks) {
    return new TensorContent() {
      @Override
      public long bytes() {
        return (long) Float.BYTES * blocks;
      }

      @Override
      public void writeTo(Sink sink) throws IOException {
        float[] values = new float[Math.min(BLOCK, blocks)];
        byte[] bytes = new byte[values.length * Float.BYTES];
        FloatBuffer floats = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
        for (int from = 0; from < blocks; from += values.length) {
          int count = Math.min(values.length, blocks - from);
          weight.get().scales().read(from, from + count, values, 0);
          floats.put(0, values, 0, count);
          sink.write(bytes, 0, count * Float.BYTES);
        }
      }
    };
  }

  private static void copy(ByteBuffer source, Sink sink) throws IOException {
    ByteBuffer left = source.duplicate();
    byte[] bytes = new byte[Math.min(BLOCK, left.remaining())];
    while (left.hasRemaining()) {
      int count = Math.min(bytes.length, left.remaining());
      left.get(bytes, 0, count);
      sink.write(bytes, 0, count);
    }
  }

  private static ByteBuffer littleEndian(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
