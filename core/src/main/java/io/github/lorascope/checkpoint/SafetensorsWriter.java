package io.github.lorascope.checkpoint;

import io.github.lorascope.io.AtomicFile;
import io.github.lorascope.io.AtomicFiles;
import io.github.lorascope.json.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * Collects tensors and writes them as one safetensors file. Equal tensors in equal order give equal
 * bytes. Not thread-safe.
 */
public final class SafetensorsWriter {
  private static final int ALIGNMENT = 8;
  private static final int CHUNK_BYTES = 1 << 16;

  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private final Map<String, String> metadata = new TreeMap<>();

  /** A tensor; one whose numbers come later has no content. */
  private record Entry(DataType type, List<Long> shape, long bytes, Content content) {}

  private interface Content {
    void writeTo(OutputStream out) throws IOException;
  }

  /** Creates a writer without tensors. */
  public SafetensorsWriter() {}

  /**
   * Adds a text for readers of the file.
   *
   * @param name what it is about
   * @param text the text
   * @return this writer
   */
  public SafetensorsWriter metadata(String name, String text) {
    metadata.put(name, text);
    return this;
  }

  /**
   * Adds float32 numbers.
   *
   * @param name the tensor, not yet added
   * @param values the numbers, the last dimension running fastest; read when the file is written
   * @param shape sizes of the dimensions, their product the number of values
   * @return this writer
   */
  public SafetensorsWriter f32(String name, float[] values, long... shape) {
    requireCount(name, shape, values.length);
    return f32Part(name, values, 0, shape);
  }

  /**
   * Adds float32 numbers that are a part of an array.
   *
   * @param name the tensor, not yet added
   * @param values holds the numbers; read when the file is written
   * @param offset where they begin; as many as the shape takes are written
   * @param shape sizes of the dimensions
   * @return this writer
   */
  public SafetensorsWriter f32Part(String name, float[] values, int offset, long... shape) {
    int count = Math.toIntExact(elements(shape));
    Objects.checkFromIndexSize(offset, count, values.length);
    return add(name, DataType.F32, shape, out -> writeFloats(out, values, offset, count));
  }

  /**
   * Announces float32 numbers that come later; the file is then written with {@link #stream}.
   *
   * @param name the tensor, not yet added
   * @param shape sizes of the dimensions
   * @return this writer
   */
  public SafetensorsWriter f32Later(String name, long... shape) {
    return later(name, DataType.F32, shape);
  }

  /**
   * Announces numbers that come later as float32 and are rounded to the type that is kept; the file
   * is then written with {@link #stream}.
   *
   * @param name the tensor, not yet added
   * @param type F32, F16 or BF16
   * @param shape sizes of the dimensions
   * @return this writer
   */
  public SafetensorsWriter later(String name, DataType type, long... shape) {
    if (type != DataType.F32 && type != DataType.F16 && type != DataType.BF16) {
      throw new IllegalArgumentException(name + " as " + type + ": give F32, F16 or BF16");
    }
    return add(name, type, shape, null);
  }

  /**
   * Adds bytes.
   *
   * @param name the tensor, not yet added
   * @param values the bytes
   * @param shape sizes of the dimensions, their product the number of values
   * @return this writer
   */
  public SafetensorsWriter u8(String name, byte[] values, long... shape) {
    requireCount(name, shape, values.length);
    return add(name, DataType.U8, shape, out -> out.write(values));
  }

  /**
   * Adds bf16 numbers.
   *
   * @param name the tensor, not yet added
   * @param bits their bit patterns
   * @param shape sizes of the dimensions, their product the number of values
   * @return this writer
   */
  public SafetensorsWriter bf16(String name, short[] bits, long... shape) {
    requireCount(name, shape, bits.length);
    return add(
        name,
        DataType.BF16,
        shape,
        out -> {
          byte[] bytes = new byte[Math.multiplyExact(Short.BYTES, bits.length)];
          littleEndian(bytes).asShortBuffer().put(bits);
          out.write(bytes);
        });
  }

  /**
   * Adds 64-bit integers.
   *
   * @param name the tensor, not yet added
   * @param values the numbers
   * @param shape sizes of the dimensions, their product the number of values
   * @return this writer
   */
  public SafetensorsWriter i64(String name, long[] values, long... shape) {
    requireCount(name, shape, values.length);
    return add(
        name,
        DataType.I64,
        shape,
        out -> {
          byte[] bytes = new byte[Math.multiplyExact(Long.BYTES, values.length)];
          littleEndian(bytes).asLongBuffer().put(values);
          out.write(bytes);
        });
  }

  /**
   * Writes the file, atomically.
   *
   * @param file the target; replaced if it exists
   * @throws io.github.lorascope.io.FileWriteException if the file system fails; the target is as it
   *     was then
   */
  public void write(Path file) {
    entries.forEach(
        (name, entry) -> {
          if (entry.content() == null) {
            throw new IllegalStateException("the numbers of " + name + " come later: use stream");
          }
        });
    byte[] start = start();
    AtomicFiles.write(
        file,
        out -> {
          out.write(start);
          for (Entry entry : entries.values()) {
            entry.content().writeTo(out);
          }
        });
  }

  /**
   * Begins the file with everything but the announced numbers.
   *
   * @param file the target; replaced at the end if it exists
   * @return takes the numbers; to be committed and closed by the caller
   * @throws io.github.lorascope.io.FileWriteException if the file system fails
   */
  public SafetensorsStream stream(Path file) {
    byte[] start = start();
    Map<String, SafetensorsStream.Awaited> awaited = new LinkedHashMap<>();
    AtomicFile target = AtomicFile.create(file);
    boolean done = false;
    try {
      target.write(0, ByteBuffer.wrap(start));
      long position = start.length;
      for (Map.Entry<String, Entry> named : entries.entrySet()) {
        Entry entry = named.getValue();
        if (entry.content() == null) {
          awaited.put(
              named.getKey(),
              new SafetensorsStream.Awaited(
                  entry.type(), position, entry.bytes() / entry.type().bytes()));
        } else {
          ByteArrayOutputStream bytes = new ByteArrayOutputStream();
          entry.content().writeTo(bytes);
          target.write(position, ByteBuffer.wrap(bytes.toByteArray()));
        }
        position += entry.bytes();
      }
      done = true;
      return new SafetensorsStream(target, awaited);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // not from an array
    } finally {
      if (!done) {
        target.close();
      }
    }
  }

  /** The length of the header and the header. */
  private byte[] start() {
    byte[] header = header();
    byte[] start = new byte[Long.BYTES + header.length];
    littleEndian(start).putLong(header.length).put(header);
    return start;
  }

  private byte[] header() {
    Map<String, Object> header = new LinkedHashMap<>();
    if (!metadata.isEmpty()) {
      header.put("__metadata__", metadata);
    }
    long position = 0;
    for (Map.Entry<String, Entry> named : entries.entrySet()) {
      Entry entry = named.getValue();
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("dtype", entry.type().name());
      fields.put("shape", entry.shape());
      fields.put("data_offsets", List.of(position, position + entry.bytes()));
      header.put(named.getKey(), fields);
      position += entry.bytes();
    }
    byte[] json = Json.write(header).getBytes(StandardCharsets.UTF_8);
    byte[] padded = Arrays.copyOf(json, (json.length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
    Arrays.fill(padded, json.length, padded.length, (byte) ' ');
    return padded;
  }

  private SafetensorsWriter add(String name, DataType type, long[] shape, Content content) {
    List<Long> sizes = Arrays.stream(shape).boxed().toList();
    long bytes = sizes.stream().reduce((long) type.bytes(), Math::multiplyExact);
    if (name.equals("__metadata__")
        || entries.putIfAbsent(name, new Entry(type, sizes, bytes, content)) != null) {
      throw new IllegalArgumentException("There is a tensor " + name + " already");
    }
    return this;
  }

  private static void requireCount(String name, long[] shape, int available) {
    if (elements(shape) != available) {
      throw new IllegalArgumentException(
          name + " of shape " + Arrays.toString(shape) + " cannot have " + available + " values");
    }
  }

  private static long elements(long[] shape) {
    return Arrays.stream(shape).reduce(1, Math::multiplyExact);
  }

  private static void writeFloats(OutputStream out, float[] values, int offset, int count)
      throws IOException {
    byte[] chunk = new byte[CHUNK_BYTES];
    FloatBuffer numbers = littleEndian(chunk).asFloatBuffer();
    int step = CHUNK_BYTES / Float.BYTES;
    for (int done = 0; done < count; done += step) {
      int n = Math.min(step, count - done);
      numbers.put(0, values, offset + done, n);
      out.write(chunk, 0, n * Float.BYTES);
    }
  }

  private static ByteBuffer littleEndian(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
