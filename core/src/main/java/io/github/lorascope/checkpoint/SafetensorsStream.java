package io.github.lorascope.checkpoint;

import io.github.lorascope.io.AtomicFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.Objects;

/**
 * A safetensors file whose sizes are known and whose float32 numbers come in pieces, in any order,
 * so that they need not be in memory together. It bears its name only once it is whole. Not
 * thread-safe.
 */
public final class SafetensorsStream implements AutoCloseable {
  private final AtomicFile file;
  private final Map<String, Awaited> awaited;

  /** A tensor whose numbers come later. */
  static final class Awaited {
    private final long position;
    private final long elements;
    private long written;

    /** Its first byte in the file, and how many numbers it has. */
    Awaited(long position, long elements) {
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
   * @param name the tensor, announced with {@link SafetensorsWriter#f32Later}
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
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.multiplyExact(values.length, Float.BYTES))
            .order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    file.write(tensor.position + first * Float.BYTES, bytes);
    tensor.written += values.length;
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
