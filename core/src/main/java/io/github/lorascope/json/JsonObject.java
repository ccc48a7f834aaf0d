package io.github.lorascope.json;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A JSON object whose fields are asked for by type. A field that is null counts as absent, as in
 * the configuration files of Hugging Face. Every complaint is a {@link JsonException} that names
 * the source and the field.
 */
public final class JsonObject {
  private final String source;
  private final String path;
  private final ObjectNode node;

  JsonObject(String source, String path, ObjectNode node) {
    this.source = source;
    this.path = path;
    this.node = node;
  }

  /**
   * Returns where it came from.
   *
   * @return the file, for messages
   */
  public String source() {
    return source;
  }

  /**
   * Returns the names of all fields.
   *
   * @return the names in the order of the text, those of null fields included
   */
  public Set<String> names() {
    Set<String> names = new LinkedHashSet<>();
    node.fieldNames().forEachRemaining(names::add);
    return names;
  }

  /**
   * Tells whether a field is there and not null.
   *
   * @param name the field
   * @return whether it has a value
   */
  public boolean has(String name) {
    return node.hasNonNull(name);
  }

  /**
   * Tells whether a field is there and is null, for the formats where that differs from absent.
   *
   * @param name the field
   * @return whether it says null
   */
  public boolean isNull(String name) {
    JsonNode value = node.get(name);
    return value != null && value.isNull();
  }

  /**
   * Reads a whole number.
   *
   * @param name the field
   * @return the number
   * @throws JsonException if it is missing, not a whole number or beyond 32 bits
   */
  public int integer(String name) {
    return toInteger(required(name), name);
  }

  /**
   * Reads a whole number that may be missing.
   *
   * @param name the field
   * @param absent what to take if it is missing
   * @return the number
   * @throws JsonException if it is not a whole number or beyond 32 bits
   */
  public int integer(String name, int absent) {
    return has(name) ? integer(name) : absent;
  }

  /**
   * Reads a whole number of 64 bits.
   *
   * @param name the field
   * @return the number
   * @throws JsonException if it is missing, not a whole number or beyond 64 bits
   */
  public long longInteger(String name) {
    return toLong(required(name), name);
  }

  /**
   * Reads a number.
   *
   * @param name the field
   * @return the number, finite
   * @throws JsonException if it is missing, not a number, or too large for a double
   */
  public double number(String name) {
    JsonNode value = required(name);
    if (!value.isNumber()) {
      throw unexpected(name, "a number", value);
    }
    double number = value.doubleValue();
    if (!Double.isFinite(number)) {
      throw new JsonException(where(name) + " is too large a number: " + shown(value));
    }
    return number;
  }

  /**
   * Reads a number that may be missing.
   *
   * @param name the field
   * @param absent what to take if it is missing
   * @return the number, finite
   * @throws JsonException if it is not a number or too large for a double
   */
  public double number(String name, double absent) {
    return has(name) ? number(name) : absent;
  }

  /**
   * Reads a string.
   *
   * @param name the field
   * @return the string
   * @throws JsonException if it is missing or not a string
   */
  public String string(String name) {
    JsonNode value = required(name);
    if (!value.isTextual()) {
      throw unexpected(name, "a string", value);
    }
    return value.textValue();
  }

  /**
   * Reads a string that may be missing.
   *
   * @param name the field
   * @param absent what to take if it is missing
   * @return the string
   * @throws JsonException if it is not a string
   */
  public String string(String name, String absent) {
    return has(name) ? string(name) : absent;
  }

  /**
   * Reads a truth value.
   *
   * @param name the field
   * @return the value
   * @throws JsonException if it is missing or neither true nor false
   */
  public boolean bool(String name) {
    JsonNode value = required(name);
    if (!value.isBoolean()) {
      throw unexpected(name, "true or false", value);
    }
    return value.booleanValue();
  }

  /**
   * Reads a truth value that may be missing.
   *
   * @param name the field
   * @param absent what to take if it is missing
   * @return the value
   * @throws JsonException if it is neither true nor false
   */
  public boolean bool(String name, boolean absent) {
    return has(name) ? bool(name) : absent;
  }

  /**
   * Reads an object inside this one.
   *
   * @param name the field
   * @return the object
   * @throws JsonException if it is missing or not an object
   */
  public JsonObject object(String name) {
    JsonNode value = required(name);
    if (value instanceof ObjectNode object) {
      return new JsonObject(source, path + name + ".", object);
    }
    throw unexpected(name, "an object", value);
  }

  /**
   * Reads a list of objects.
   *
   * @param name the field
   * @return the objects
   * @throws JsonException if it is missing, not a list, or holds something else
   */
  public List<JsonObject> objects(String name) {
    List<JsonObject> objects = new ArrayList<>();
    for (JsonNode entry : list(name)) {
      String at = name + "[" + objects.size() + "]";
      if (!(entry instanceof ObjectNode object)) {
        throw unexpected(at, "an object", entry);
      }
      objects.add(new JsonObject(source, path + at + ".", object));
    }
    return objects;
  }

  /**
   * Reads a list of strings.
   *
   * @param name the field
   * @return the strings
   * @throws JsonException if it is missing, not a list, or holds something else
   */
  public List<String> strings(String name) {
    List<String> strings = new ArrayList<>();
    for (JsonNode entry : list(name)) {
      if (!entry.isTextual()) {
        throw unexpected(name + "[" + strings.size() + "]", "a string", entry);
      }
      strings.add(entry.textValue());
    }
    return strings;
  }

  /**
   * Returns an object of texts as a map.
   *
   * @return the texts by name, sorted
   * @throws JsonException if a member is no string
   */
  public Map<String, String> texts() {
    Map<String, String> texts = new TreeMap<>();
    names().forEach(name -> texts.put(name, string(name)));
    return texts;
  }

  /**
   * Reads a list of whole numbers.
   *
   * @param name the field
   * @return the numbers
   * @throws JsonException if it is missing, not a list, or holds something else than whole numbers
   *     of 32 bits
   */
  public List<Integer> integers(String name) {
    List<Integer> integers = new ArrayList<>();
    for (JsonNode entry : list(name)) {
      integers.add(toInteger(entry, name + "[" + integers.size() + "]"));
    }
    return integers;
  }

  /**
   * Reads a list of whole numbers of 64 bits.
   *
   * @param name the field
   * @return the numbers
   * @throws JsonException if it is missing, not a list, or holds something else than whole numbers
   *     of 64 bits
   */
  public List<Long> longs(String name) {
    List<Long> longs = new ArrayList<>();
    for (JsonNode entry : list(name)) {
      longs.add(toLong(entry, name + "[" + longs.size() + "]"));
    }
    return longs;
  }

  /**
   * Reads a list of numbers.
   *
   * @param name the field
   * @return the numbers, finite
   * @throws JsonException if it is missing, not a list, or holds something else
   */
  public List<Double> numbers(String name) {
    List<Double> numbers = new ArrayList<>();
    for (JsonNode entry : list(name)) {
      if (!entry.isNumber() || !Double.isFinite(entry.doubleValue())) {
        throw unexpected(name + "[" + numbers.size() + "]", "a finite number", entry);
      }
      numbers.add(entry.doubleValue());
    }
    return numbers;
  }

  /**
   * Returns a field as it was parsed, for what may be of several kinds.
   *
   * @param name the field
   * @return the node; Jackson's missing node where there is no such field
   */
  public JsonNode node(String name) {
    return node.path(name);
  }

  private ArrayNode list(String name) {
    JsonNode value = required(name);
    if (value instanceof ArrayNode list) {
      return list;
    }
    throw unexpected(name, "a list", value);
  }

  private int toInteger(JsonNode value, String name) {
    if (!value.isIntegralNumber()) {
      throw unexpected(name, "a whole number", value);
    }
    if (!value.canConvertToInt()) {
      throw new JsonException(where(name) + " is too large a number: " + shown(value));
    }
    return value.intValue();
  }

  private long toLong(JsonNode value, String name) {
    if (!value.isIntegralNumber() || !value.canConvertToLong()) {
      throw unexpected(name, "a whole number of at most 64 bits", value);
    }
    return value.longValue();
  }

  private JsonNode required(String name) {
    JsonNode value = node.get(name);
    if (value == null || value.isNull()) {
      throw new JsonException(where(name) + " is " + (value == null ? "missing" : "null"));
    }
    return value;
  }

  private JsonException unexpected(String name, String expected, JsonNode value) {
    return new JsonException(where(name) + " has to be " + expected + " but is " + shown(value));
  }

  private String where(String name) {
    return source + ": " + path + name;
  }

  private static String shown(JsonNode value) {
    if (value.isContainerNode()) {
      return kind(value);
    }
    String text = value.toString();
    return text.length() <= 80 ? text : text.substring(0, 80) + "...";
  }

  static String kind(JsonNode node) {
    return switch (node.getNodeType()) {
      case ARRAY -> "a list";
      case OBJECT -> "an object";
      case STRING -> "a string";
      case NUMBER -> "a number";
      case BOOLEAN -> "true or false";
      case NULL -> "null";
      default -> "nothing";
    };
  }
}
