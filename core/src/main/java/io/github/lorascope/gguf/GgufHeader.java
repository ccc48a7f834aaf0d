package io.github.lorascope.gguf;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What stands before the data of a GGUF file of version 2 or 3 (docs/gguf.md of ggml): magic,
 * version, counts, keys with values, and what tensors there are. Nothing is taken memory for that
 * the file only announces.
 *
 * @param metadata keys and values
 * @param tensors by name, in the order of the file
 * @param dataStart first byte of the data
 */
record GgufHeader(GgufMetadata metadata, Map<String, GgufTensor> tensors, long dataStart) {
  private static final byte[] MAGIC = "GGUF".getBytes(StandardCharsets.US_ASCII);
  private static final String ALIGNMENT = "general.alignment";
  private static final int DEFAULT_ALIGNMENT = 32;
  private static final int MAX_KEYS = 1 << 16;
  private static final int MAX_TENSORS = 1 << 17;
  private static final int MAX_KEY_LENGTH = 1 << 16;
  private static final int MAX_DIMENSIONS = 4;

  /** A key's length, the kind of its value, and the value. */
  private static final int LEAST_KEY_BYTES = 13;

  /** A name's length, the number of dimensions, one of them, type and offset. */
  private static final int LEAST_TENSOR_BYTES = 32;

  /**
   * Reads and checks a header.
   *
   * @param bytes the first bytes of the file, or all
   * @param fileBytes the size of the file
   * @param source the file, for messages
   */
  static GgufHeader parse(ByteBuffer bytes, long fileBytes, String source) {
    GgufInput input = new GgufInput(bytes, source);
    checkMagic(input, source);
    checkVersion(input.int32("its version"), source);
    long tensorCount = input.count(LEAST_TENSOR_BYTES, "tensors");
    long keyCount = input.count(LEAST_KEY_BYTES, "keys");
    if (tensorCount > MAX_TENSORS || keyCount > MAX_KEYS) {
      throw new GgufException(
          source
              + " announces "
              + tensorCount
              + " tensors and "
              + keyCount
              + " keys; at most "
              + MAX_TENSORS
              + " and "
              + MAX_KEYS
              + " are read");
    }
    Map<String, GgufMetadata.Value> values = new LinkedHashMap<>();
    for (int i = 0; i < keyCount; i++) {
      String key = name(input, "key " + i, source);
      if (values.putIfAbsent(key, value(input, source + ": key " + key)) != null) {
        throw new GgufException(source + " has the key " + key + " twice; it is damaged");
      }
    }
    GgufMetadata metadata = new GgufMetadata(source, bytes, values);
    int alignment = alignment(metadata);
    Map<String, GgufTensor> tensors = new LinkedHashMap<>();
    for (int i = 0; i < tensorCount; i++) {
      String name = name(input, "the name of tensor " + i, source);
      GgufTensor tensor = tensor(input, alignment, source + ": tensor " + name);
      if (tensors.putIfAbsent(name, tensor) != null) {
        throw new GgufException(source + " has the tensor " + name + " twice; it is damaged");
      }
    }
    long dataStart = (input.position() + alignment - 1L) / alignment * alignment;
    checkPlaces(tensors, fileBytes - dataStart, source);
    return new GgufHeader(metadata, tensors, dataStart);
  }

  private static void checkMagic(GgufInput input, String source) {
    if (input.remaining() < MAGIC.length) {
      throw new GgufException(
          source + " has " + input.remaining() + " bytes, too few for a GGUF file");
    }
    byte[] magic = new byte[MAGIC.length];
    for (int i = 0; i < magic.length; i++) {
      magic[i] = input.int8("its magic");
    }
    if (!Arrays.equals(magic, MAGIC)) {
      throw new GgufException(
          source
              + " is no GGUF file: it begins with the bytes "
              + HexFormat.ofDelimiter(" ").formatHex(magic)
              + ", not with GGUF; give a folder as Hugging Face writes it, or a .gguf file");
    }
  }

  private static void checkVersion(int version, String source) {
    if (version != 2 && version != 3) {
      boolean bigEndian = Integer.reverseBytes(version) == 2 || Integer.reverseBytes(version) == 3;
      throw new GgufException(
          source
              + (bigEndian
                  ? " is a big-endian GGUF file; use the little-endian one"
                  : " is GGUF of version "
                      + Integer.toUnsignedString(version)
                      + "; versions 2 and 3 are supported: convert the model again"));
    }
  }

  private static String name(GgufInput input, String what, String source) {
    String name = input.text(what, MAX_KEY_LENGTH);
    if (name.isEmpty()) {
      throw new GgufException(source + ": " + what + " has no characters; it is damaged");
    }
    return name;
  }

  private static GgufMetadata.Value value(GgufInput input, String where) {
    ValueType type = ValueType.of(input.int32(where), where);
    if (type != ValueType.ARRAY) {
      GgufMetadata.Value value = new GgufMetadata.Value(type, type, 1, input.position());
      skip(input, type, 1, where);
      return value;
    }
    ValueType elements = ValueType.of(input.int32(where), where);
    if (elements == ValueType.ARRAY) {
      throw new GgufException(where + " is a list of lists, which is not supported");
    }
    int least = elements == ValueType.STRING ? Long.BYTES : elements.bytes();
    long count = input.count(least, "elements of " + where);
    GgufMetadata.Value value = new GgufMetadata.Value(type, elements, count, input.position());
    skip(input, elements, count, where);
    return value;
  }

  private static void skip(GgufInput input, ValueType type, long count, String where) {
    if (type == ValueType.STRING) {
      for (long i = 0; i < count; i++) {
        input.skip(input.count(1, "bytes of " + where), where);
      }
    } else {
      input.skip(count * type.bytes(), where);
    }
  }

  private static int alignment(GgufMetadata metadata) {
    int alignment = metadata.integer(ALIGNMENT, DEFAULT_ALIGNMENT);
    if (alignment < 1 || Integer.bitCount(alignment) != 1) {
      throw new GgufException(
          metadata.source() + ": " + ALIGNMENT + " " + alignment + " is no power of two");
    }
    return alignment;
  }

  private static GgufTensor tensor(GgufInput input, int alignment, String where) {
    int dimensions = input.int32(where);
    if (dimensions < 1 || dimensions > MAX_DIMENSIONS) {
      throw new GgufException(
          where
              + " has "
              + Integer.toUnsignedString(dimensions)
              + " dimensions; 1 to "
              + MAX_DIMENSIONS
              + " can be");
    }
    List<Long> shape = new ArrayList<>();
    for (int i = 0; i < dimensions; i++) {
      shape.add(input.int64(where));
    }
    GgufType type = GgufType.of(input.int32(where), where);
    long begin = input.int64(where);
    if (begin < 0 || begin % alignment != 0) {
      throw new GgufException(
          where
              + " begins at byte "
              + Long.toUnsignedString(begin)
              + " of the data, which is no multiple of "
              + alignment
              + "; the file is damaged");
    }
    return new GgufTensor(type, shape, begin, bytes(type, shape, where));
  }

  private static long bytes(GgufType type, List<Long> shape, String where) {
    if (shape.get(0) % type.blockElements() != 0) {
      throw new GgufException(
          where
              + " has rows of "
              + shape.get(0)
              + " numbers, but "
              + type
              + " has blocks of "
              + type.blockElements());
    }
    long blocks = shape.get(0) / type.blockElements();
    try {
      long bytes = Math.multiplyExact(blocks, type.blockBytes());
      long elements = 1;
      for (int i = 0; i < shape.size(); i++) {
        if (shape.get(i) < 1) {
          throw new GgufException(where + " has the impossible shape " + shape);
        }
        elements = Math.multiplyExact(elements, shape.get(i));
        bytes = i == 0 ? bytes : Math.multiplyExact(bytes, shape.get(i));
      }
      return bytes;
    } catch (ArithmeticException e) {
      throw new GgufException(where + " has the impossible shape " + shape, e);
    }
  }

  /** No tensor may lie beyond the end of the file or over another. */
  private static void checkPlaces(Map<String, GgufTensor> tensors, long dataBytes, String source) {
    List<Map.Entry<String, GgufTensor>> byPlace = new ArrayList<>(tensors.entrySet());
    byPlace.sort(Comparator.comparingLong(entry -> entry.getValue().begin()));
    long covered = 0;
    for (Map.Entry<String, GgufTensor> entry : byPlace) {
      GgufTensor tensor = entry.getValue();
      String where = source + ": tensor " + entry.getKey();
      if (tensor.begin() > dataBytes || tensor.bytes() > dataBytes - tensor.begin()) {
        throw new GgufException(
            where
                + " takes "
                + tensor.bytes()
                + " bytes from byte "
                + tensor.begin()
                + " of the data, but there are only "
                + Math.max(0, dataBytes)
                + "; the file is cut off or damaged: download it again");
      }
      if (tensor.begin() < covered) {
        throw new GgufException(where + " overlaps another; the file is damaged");
      }
      covered = tensor.begin() + tensor.bytes();
    }
  }
}
