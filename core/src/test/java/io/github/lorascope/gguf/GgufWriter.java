package io.github.lorascope.gguf;

import io.github.lorascope.weights.Bfloat16;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes small GGUF files of version 3, sound ones and, if asked to, others. */
public final class GgufWriter {
  private static final int ALIGNMENT = 32;

  private final Map<String, byte[]> values = new LinkedHashMap<>();
  private final Map<String, Entry> tensors = new LinkedHashMap<>();

  private record Entry(int type, long[] shape, byte[] data) {}

  private interface Part {
    void to(Output out);
  }

  /** Little-endian numbers. */
  private static final class Output {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    Output int32(int value) {
      for (int shift = 0; shift < 32; shift += 8) {
        bytes.write(value >> shift);
      }
      return this;
    }

    Output int64(long value) {
      return int32((int) value).int32((int) (value >> 32));
    }

    Output text(String text) {
      byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
      int64(utf8.length);
      bytes.writeBytes(utf8);
      return this;
    }

    void pad() {
      while (bytes.size() % ALIGNMENT != 0) {
        bytes.write(0);
      }
    }
  }

  private static ByteBuffer littleEndian(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private GgufWriter value(String key, int kind, Part part) {
    Output out = new Output().int32(kind);
    part.to(out);
    values.put(key, out.bytes.toByteArray());
    return this;
  }

  public GgufWriter uint32(String key, int value) {
    return value(key, 4, out -> out.int32(value));
  }

  public GgufWriter float32(String key, double value) {
    return value(key, 6, out -> out.int32(Float.floatToIntBits((float) value)));
  }

  public GgufWriter bool(String key, boolean value) {
    return value(key, 7, out -> out.bytes.write(value ? 1 : 0));
  }

  public GgufWriter text(String key, String value) {
    return value(key, 8, out -> out.text(value));
  }

  public GgufWriter texts(String key, List<String> texts) {
    return value(
        key,
        9,
        out -> {
          out.int32(8).int64(texts.size());
          texts.forEach(out::text);
        });
  }

  public GgufWriter int32s(String key, int... numbers) {
    return value(
        key,
        9,
        out -> {
          out.int32(5).int64(numbers.length);
          for (int number : numbers) {
            out.int32(number);
          }
        });
  }

  public GgufWriter float32s(String key, float... numbers) {
    return value(
        key,
        9,
        out -> {
          out.int32(6).int64(numbers.length);
          for (float number : numbers) {
            out.int32(Float.floatToIntBits(number));
          }
        });
  }

  /** Leaves a key out that was given before. */
  public GgufWriter without(String key) {
    values.remove(key);
    return this;
  }

  /** Leaves a tensor out that was given before. */
  public GgufWriter withoutTensor(String name) {
    tensors.remove(name);
    return this;
  }

  /** Adds a tensor as the file has it: the dimension that runs fastest first. */
  public GgufWriter tensor(String name, int type, byte[] data, long... shape) {
    tensors.put(name, new Entry(type, shape, data));
    return this;
  }

  public GgufWriter f32(String name, float[] numbers, long... shape) {
    byte[] data = new byte[4 * numbers.length];
    littleEndian(data).asFloatBuffer().put(numbers);
    return tensor(name, 0, data, shape);
  }

  public GgufWriter bf16(String name, float[] numbers, long... shape) {
    byte[] data = new byte[2 * numbers.length];
    for (int i = 0; i < numbers.length; i++) {
      littleEndian(data).putShort(2 * i, Bfloat16.toBits(numbers[i]));
    }
    return tensor(name, 30, data, shape);
  }

  /** Rounds to Q8_0, with scales that are powers of two and so exact in 16 bits. */
  public GgufWriter q80(String name, float[] numbers, long... shape) {
    byte[] bytes = new byte[numbers.length / 32 * 34];
    ByteBuffer data = littleEndian(bytes);
    for (int block = 0; block < numbers.length; block += 32) {
      float largest = 0x1p-14f;
      for (int i = block; i < block + 32; i++) {
        largest = Math.max(largest, Math.abs(numbers[i]));
      }
      int exponent = Math.max(-14, Math.getExponent(largest) - 6);
      data.putShort((short) ((exponent + 15) << 10));
      for (int i = block; i < block + 32; i++) {
        data.put(
            (byte) Math.max(-127, Math.min(127, Math.round(Math.scalb(numbers[i], -exponent)))));
      }
    }
    return tensor(name, 8, bytes, shape);
  }

  public byte[] bytes() {
    Output out = new Output();
    out.bytes.writeBytes("GGUF".getBytes(StandardCharsets.US_ASCII));
    out.int32(3).int64(tensors.size()).int64(values.size());
    values.forEach(
        (key, value) -> {
          out.text(key);
          out.bytes.writeBytes(value);
        });
    long offset = 0;
    for (Map.Entry<String, Entry> tensor : tensors.entrySet()) {
      Entry entry = tensor.getValue();
      out.text(tensor.getKey()).int32(entry.shape().length);
      for (long size : entry.shape()) {
        out.int64(size);
      }
      out.int32(entry.type()).int64(offset);
      offset += (entry.data().length + ALIGNMENT - 1L) / ALIGNMENT * ALIGNMENT;
    }
    for (Entry entry : tensors.values()) {
      out.pad();
      out.bytes.writeBytes(entry.data());
    }
    return out.bytes.toByteArray();
  }

  public Path write(Path file) throws IOException {
    return Files.write(file, bytes());
  }
}
