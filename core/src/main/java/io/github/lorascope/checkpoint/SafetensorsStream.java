package io.github.lorascope.checkpoint;

import io.github.lorascope.io.AtomicFile;
import io.github.lorascope.weights.Bfloat16;
import io.github.lorascope.weights.HalfFloats;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.Objects;

/**
 * A safetensors file whose sizes are known and whose numbers come as float32 in pieces, in any
 * order, so that they need not be in memory together. It bears its name only once it is whole. Not
 * thread-safe.
 */
public final class SafetensorsStream implements AutoCloseable {
  private final AtomicFile file;
  private final Map<String, Awaited> awaited;

  /** A tensor whose numbers come later. */
  static final class Awaited {
    private final DataType type;
    private final long position;
    private final long elements;
    private long written;

    /** What its numbers are kept as, its first byte in the file, and how many numbers it has. */
    Awaited(DataType type, long position, long elements) {
      this.type = type;
      this.position = position;
      this.elements = elements;
    }
  }

  SafetensorsStream(AtomicFile file, Map<String, Awaited> awaited) {
    this.file = file;
    this.awaited = awaited;
  }

  /**
   * Writes numbers of a tensor, each of which has to be written once.
   *
   * @param name the tensor, announced with {@link SafetensorsWriter#later}
   * @param first how many of its numbers come before these
   * @param values the numbers
   * @throws io.github.lorascope.io.FileWriteException if the file system fails
   */
  public void put(String name, long first, float... values) {
    Awaited tensor = awaited.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException("no tensor " + name + " was announced");
    }
    Objects.checkFromIndexSize(first, (long) values.length, tensor.elements);
    file.write(tensor.position + first * tensor.type.bytes(), bytes(tensor.type, values));
    tensor.written += values.length;
  }

  private static ByteBuffer bytes(DataType type, float[] values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.multiplyExact(values.length, type.bytes()))
            .order(ByteOrder.LITTLE_ENDIAN);
    if (type == DataType.F32) {
      bytes.asFloatBuffer().put(values);
      return bytes;
    }
    for (float value : values) {
      bytes.putShort(type == DataType.F16 ? HalfFloats.toF16(value) : Bfloat16.toBits(value));
    }
    return bytes.flip();
  }

  /**
   * Forces what was written to the disk, before something that must not come before it.
   *
   * @throws io.github.lorascope.io.FileWriteException if the file system fails
   */
  public void force() {
    file.force();
  }

  /**
   * Gives the file its name.
   *
   * @throws IllegalStateException if numbers are lacking
   * @throws io.github.lorascope.io.FileWriteException if the file system fails; what the file held
   *     before is untouched
   */
  public void commit() {
    awaited.forEach(
        (name, tensor) -> {
          if (tensor.written != tensor.elements) {
            throw new IllegalStateException(
                tensor.written + " of the " + tensor.elements + " numbers of " + name + " came");
          }
        });
    file.commit();
  }

  /** Removes what was written, if it was not committed. */
  @Override
  public void close() {
    file.close();
  }
}
