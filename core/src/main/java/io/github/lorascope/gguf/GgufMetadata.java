package io.github.lorascope.gguf;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The keys and values of a GGUF file. Values stay in the file until they are asked for. Immutable
 * and thread-safe.
 */
public final class GgufMetadata {
  /** Bytes of a text: the longest published, chat templates, have some tens of thousands. */
  private static final int MOST_TEXT = 16 << 20;

  /** More than any vocabulary or list of merges has. */
  private static final int MAX_ELEMENTS = 1 << 22;

  private final String source;
  private final ByteBuffer bytes;
  private final Map<String, Value> values;

  /** Where a value lies; of an array, its count and the kind of its elements too. */
  record Value(ValueType type, ValueType elements, long count, int position) {}

  GgufMetadata(String source, ByteBuffer bytes, Map<String, Value> values) {
    this.source = source;
    this.bytes = bytes;
    this.values = values;
  }

  /**
   * Returns what a message calls it.
   *
   * @return the file
   */
  public String source() {
    return source;
  }

  /**
   * Returns what it holds.
   *
   * @return the keys, in the order of the file
   */
  public Set<String> keys() {
    return Collections.unmodifiableSet(values.keySet());
  }

  /**
   * Tells whether a key is there.
   *
   * @param key the key
   * @return whether it has a value
   */
  public boolean has(String key) {
    return values.containsKey(key);
  }

  /**
   * Returns an integer, however wide it is stored.
   *
   * @param key its key
   * @return the number
   * @throws GgufException if it is missing, something else, or beyond 32 bits
   */
  public int integer(String key) {
    Value value = value(key);
    long number = integer(value.type(), at(value), key);
    if (number != (int) number) {
      throw refused(key, "is " + number + ", which is beyond 32 bits");
    }
    return (int) number;
  }

  /**
   * Returns an integer that may be left out.
   *
   * @param key its key
   * @param absent what it is without the key
   * @return the number
   * @throws GgufException if it is something else, or beyond 32 bits
   */
  public int integer(String key, int absent) {
    return has(key) ? integer(key) : absent;
  }

  /**
   * Returns a floating point number.
   *
   * @param key its key
   * @return the number
   * @throws GgufException if it is missing, something else, or not finite
   */
  public double number(String key) {
    Value value = value(key);
    double number =
        switch (value.type()) {
          case FLOAT32 -> Float.intBitsToFloat(at(value).int32(key));
          case FLOAT64 -> Double.longBitsToDouble(at(value).int64(key));
          default -> throw wrongKind(key, value, "a floating point number");
        };
    if (!Double.isFinite(number)) {
      throw refused(key, "is " + number);
    }
    return number;
  }

  /**
   * Returns a floating point number that may be left out.
   *
   * @param key its key
   * @param absent what it is without the key
   * @return the number
   * @throws GgufException if it is something else, or not finite
   */
  public double number(String key, double absent) {
    return has(key) ? number(key) : absent;
  }

  /**
   * Returns a truth value that may be left out.
   *
   * @param key its key
   * @param absent what it is without the key
   * @return the value
   * @throws GgufException if it is something else
   */
  public boolean bool(String key, boolean absent) {
    if (!has(key)) {
      return absent;
    }
    Value value = value(key);
    if (value.type() != ValueType.BOOL) {
      throw wrongKind(key, value, "true or false");
    }
    return at(value).int8(key) != 0;
  }

  /**
   * Returns a text.
   *
   * @param key its key
   * @return the text
   * @throws GgufException if it is missing, something else, or not UTF-8
   */
  public String text(String key) {
    Value value = value(key);
    if (value.type() != ValueType.STRING) {
      throw wrongKind(key, value, "a text");
    }
    return at(value).text(key, MOST_TEXT);
  }

  /**
   * Returns a text that may be left out.
   *
   * @param key its key
   * @param absent what it is without the key
   * @return the text
   * @throws GgufException if it is something else, or not UTF-8
   */
  public String text(String key, String absent) {
    return has(key) ? text(key) : absent;
  }

  /**
   * Returns a list of texts.
   *
   * @param key its key
   * @return the texts
   * @throws GgufException if it is missing, something else, too long, or not UTF-8
   */
  public List<String> texts(String key) {
    Value value = list(key);
    if (value.elements() != ValueType.STRING) {
      throw wrongKind(key, value, "a list of texts");
    }
    GgufInput input = at(value);
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < value.count(); i++) {
      texts.add(input.text(key, MOST_TEXT));
    }
    return texts;
  }

  /**
   * Returns a list of integers.
   *
   * @param key its key
   * @return the numbers
   * @throws GgufException if it is missing, something else, too long, or one is beyond 32 bits
   */
  public int[] integers(String key) {
    Value value = list(key);
    GgufInput input = at(value);
    int[] numbers = new int[(int) value.count()];
    for (int i = 0; i < numbers.length; i++) {
      long number = integer(value.elements(), input, key);
      if (number != (int) number) {
        throw refused(key, "has " + number + ", which is beyond 32 bits");
      }
      numbers[i] = (int) number;
    }
    return numbers;
  }

  /**
   * Returns a list of float32 numbers.
   *
   * @param key its key
   * @return the numbers
   * @throws GgufException if it is missing, something else, too long, or one is NaN or infinite
   */
  public float[] floats(String key) {
    Value value = list(key);
    if (value.elements() != ValueType.FLOAT32) {
      throw wrongKind(key, value, "a list of 32-bit floating point numbers");
    }
    GgufInput input = at(value);
    float[] numbers = new float[(int) value.count()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = Float.intBitsToFloat(input.int32(key));
      if (!Float.isFinite(numbers[i])) {
        throw refused(key, "holds NaN or infinity at " + i);
      }
    }
    return numbers;
  }

  private Value list(String key) {
    Value value = value(key);
    if (value.type() != ValueType.ARRAY) {
      throw wrongKind(key, value, "a list");
    }
    if (value.count() > MAX_ELEMENTS) {
      throw refused(key, "has " + value.count() + " elements; at most " + MAX_ELEMENTS + " can be");
    }
    return value;
  }

  private long integer(ValueType type, GgufInput input, String key) {
    return switch (type) {
      case UINT8 -> input.int8(key) & 0xFF;
      case INT8 -> input.int8(key);
      case UINT16 -> input.int16(key) & 0xFFFF;
      case INT16 -> input.int16(key);
      case UINT32 -> input.int32(key) & 0xFFFFFFFFL;
      case INT32 -> input.int32(key);
      case INT64 -> input.int64(key);
      case UINT64 -> {
        long number = input.int64(key);
        yield number < 0 ? Long.MAX_VALUE : number;
      }
      case FLOAT32, FLOAT64, BOOL, STRING, ARRAY ->
          throw refused(key, "is " + kind(type) + ", where integers have to be");
    };
  }

  private Value value(String key) {
    Value value = values.get(key);
    if (value == null) {
      throw new GgufException(
          source + " has no key " + key + ", which is needed; convert the model again");
    }
    return value;
  }

  private GgufInput at(Value value) {
    return new GgufInput(bytes.duplicate().position(value.position()), source);
  }

  private GgufException wrongKind(String key, Value value, String needed) {
    String kind =
        value.type() == ValueType.ARRAY
            ? "a list of " + kind(value.elements())
            : kind(value.type());
    return refused(key, "is " + kind + ", where " + needed + " has to be");
  }

  private static String kind(ValueType type) {
    return type.name().toLowerCase(Locale.ROOT);
  }

  private GgufException refused(String key, String what) {
    return new GgufException(source + ": key " + key + " " + what);
  }
}
