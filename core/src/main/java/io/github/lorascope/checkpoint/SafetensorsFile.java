package io.github.lorascope.checkpoint;

import io.github.lorascope.io.FileVersion;
import io.github.lorascope.io.IoReason;
import io.github.lorascope.weights.HalfFloats;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * A safetensors file (8 bytes length, JSON header, data; see
 * https://github.com/huggingface/safetensors). The header is read and checked when the file is
 * opened; a tensor's bytes are mapped when asked for, so that nothing has to be closed. Safe for
 * use by many threads.
 */
public final class SafetensorsFile {
  /** The largest header that the official library reads, in bytes. */
  static final long MAX_HEADER_BYTES = 100_000_000;

  private static final int LENGTH_BYTES = 8;

  private final Path path;
  private final FileVersion version;
  private final long dataStart;
  private final SafetensorsHeader header;

  private SafetensorsFile(
      Path path, FileVersion version, long dataStart, SafetensorsHeader header) {
    this.path = path;
    this.version = version;
    this.dataStart = dataStart;
    this.header = header;
  }

  /**
   * Opens a file and checks its header.
   *
   * @param path the file
   * @return its tensors
   * @throws CheckpointException if it cannot be read or is not a sound safetensors file
   */
  public static SafetensorsFile open(Path path) {
    if (Files.isDirectory(path)) {
      throw new CheckpointException(path + " is a folder, not a safetensors file");
    }
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      FileVersion version = FileVersion.of(path);
      long size = channel.size();
      if (size < LENGTH_BYTES) {
        throw new CheckpointException(
            path + " has " + size + " bytes, too few for a safetensors file");
      }
      long length =
          ByteBuffer.wrap(read(channel, 0, LENGTH_BYTES)).order(ByteOrder.LITTLE_ENDIAN).getLong();
      if (length < 0 || length > MAX_HEADER_BYTES) {
        throw new CheckpointException(
            path
                + " is no safetensors file: it announces a header of "
                + Long.toUnsignedString(length)
                + " bytes; at most "
                + MAX_HEADER_BYTES
                + " are possible");
      }
      if (length > size - LENGTH_BYTES) {
        throw new CheckpointException(
            path
                + " announces a header of "
                + length
                + " bytes but has only "
                + size
                + " in all; it is cut off or no safetensors file");
      }
      byte[] json = read(channel, LENGTH_BYTES, (int) length);
      long dataStart = LENGTH_BYTES + length;
      return new SafetensorsFile(
          path,
          version,
          dataStart,
          SafetensorsHeader.parse(json, size - dataStart, path.toString()));
    } catch (NoSuchFileException e) {
      throw new CheckpointException(path + " does not exist", e);
    } catch (IOException e) {
      throw new CheckpointException("Cannot read " + path + ": " + IoReason.of(e), e);
    }
  }

  /**
   * Returns where it lies.
   *
   * @return the file
   */
  public Path path() {
    return path;
  }

  /**
   * Returns what it holds.
   *
   * @return the names of the tensors, in the order of their bytes
   */
  public Set<String> names() {
    return Collections.unmodifiableSet(header.tensors().keySet());
  }

  /**
   * Returns the texts that its writer added.
   *
   * @return the metadata, empty if there is none
   */
  public Map<String, String> metadata() {
    return Collections.unmodifiableMap(header.metadata());
  }

  /**
   * Tells whether a tensor is there.
   *
   * @param name the tensor
   * @return whether the file holds it
   */
  public boolean has(String name) {
    return header.tensors().containsKey(name);
  }

  /**
   * Returns kind and shape of a tensor.
   *
   * @param name the tensor
   * @return what the header says
   * @throws CheckpointException if there is no such tensor
   */
  public TensorInfo info(String name) {
    TensorInfo info = header.tensors().get(name);
    if (info == null) {
      throw new CheckpointException(
          path + " has no tensor " + name + NearNames.hint(name, names()));
    }
    return info;
  }

  /**
   * Maps the bytes of a tensor.
   *
   * @param name the tensor
   * @return its bytes, read-only and little-endian, from position 0 to the limit
   * @throws CheckpointException if there is no such tensor, the file has changed since it was
   *     opened, or the tensor is larger than one mapping
   */
  public ByteBuffer data(String name) {
    TensorInfo info = info(name);
    long bytes = info.end() - info.begin();
    if (bytes > Integer.MAX_VALUE) {
      throw new CheckpointException(
          where(name) + " has " + bytes + " bytes; at most 2^31 - 1 can be read");
    }
    return map(name, info.begin(), bytes);
  }

  private ByteBuffer map(String name, long from, long bytes) {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      long begin = dataStart + from;
      if (channel.size() < begin + bytes) {
        throw new CheckpointException(path + " has become shorter since it was opened");
      }
      if (version.replaced(path)) {
        throw new CheckpointException(
            path + " has been replaced since it was opened: begin again with the new one");
      }
      return channel
          .map(FileChannel.MapMode.READ_ONLY, begin, bytes)
          .order(ByteOrder.LITTLE_ENDIAN);
    } catch (IOException e) {
      throw new CheckpointException("Cannot read " + where(name) + ": " + IoReason.of(e), e);
    }
  }

  /**
   * Reads a tensor of F32, F16 or BF16 as float32.
   *
   * @param name the tensor
   * @return its numbers, the last dimension running fastest
   * @throws CheckpointException if there is no such tensor or it holds something else
   */
  public float[] floats(String name) {
    return floats(name, info(name).type(), data(name));
  }

  /**
   * Reads a part of a tensor of F32, F16 or BF16 as float32; the tensor may be larger than one
   * mapping.
   *
   * @param name the tensor
   * @param first how many of its numbers come before the part
   * @param count how many numbers to read
   * @return the numbers, the last dimension running fastest
   * @throws CheckpointException if there is no such tensor or it holds something else
   */
  public float[] floats(String name, long first, int count) {
    TensorInfo info = info(name);
    Objects.checkFromIndexSize(first, (long) count, info.elements());
    int size = info.type().bytes();
    long bytes = (long) count * size;
    return floats(name, info.type(), map(name, info.begin() + first * size, bytes));
  }

  private float[] floats(String name, DataType type, ByteBuffer data) {
    float[] floats = new float[data.remaining() / type.bytes()];
    switch (type) {
      case F32 -> data.asFloatBuffer().get(floats);
      case F16 -> HalfFloats.fromF16(data.asShortBuffer(), 0, floats, 0, floats.length);
      case BF16 -> HalfFloats.fromBf16(data.asShortBuffer(), 0, floats, 0, floats.length);
      default ->
          throw new CheckpointException(
              where(name) + " is " + type + ", where F32, F16 or BF16 has to be");
    }
    return floats;
  }

  /**
   * Names a tensor for a message.
   *
   * @param name the tensor
   * @return the file and the tensor
   */
  String where(String name) {
    return path + ": tensor " + name;
  }

  private static byte[] read(FileChannel channel, long position, int count) throws IOException {
    byte[] bytes = new byte[count];
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, position + buffer.position()) < 0) {
        throw new EOFException("the file ends early");
      }
    }
    return bytes;
  }
}
