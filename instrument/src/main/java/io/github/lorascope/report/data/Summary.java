package io.github.lorascope.report.data;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.lorascope.json.Json;
import io.github.lorascope.json.JsonObject;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * One JSON object as named entries in their order, such as {@code summary.json}.
 *
 * @param entries name to text; the names of nested entries are joined by dots
 */
public record Summary(Map<String, String> entries) {
  /** Copies the entries. */
  public Summary {
    entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
  }

  /**
   * Reads a file.
   *
   * @param file holds one JSON object
   * @return its entries
   * @throws io.github.lorascope.json.JsonException if it is no JSON object
   */
  public static Summary read(Path file) {
    return of(Json.read(file));
  }

  static Summary of(JsonObject object) {
    Map<String, String> entries = new LinkedHashMap<>();
    flatten("", object, entries);
    return new Summary(entries);
  }

  private static void flatten(String prefix, JsonObject object, Map<String, String> entries) {
    for (String name : object.names()) {
      JsonNode value = object.node(name);
      if (value.isObject()) {
        flatten(prefix + name + ".", object.object(name), entries);
      } else {
        entries.put(prefix + name, value.isTextual() ? value.textValue() : value.toString());
      }
    }
  }

  /**
   * An entry.
   *
   * @param name of the entry
   * @return its text, empty where there is none
   */
  public Optional<String> text(String name) {
    return Optional.ofNullable(entries.get(name));
  }

  /**
   * An entry as a number.
   *
   * @param name of the entry
   * @return its value, empty where there is none or where it is no finite number
   */
  public OptionalDouble number(String name) {
    try {
      double value = Double.parseDouble(entries.getOrDefault(name, ""));
      return Double.isFinite(value) ? OptionalDouble.of(value) : OptionalDouble.empty();
    } catch (NumberFormatException e) {
      return OptionalDouble.empty();
    }
  }

  /**
   * An entry with its interval, whose ends are {@code NAME_low} and {@code NAME_high}.
   *
   * @param name of the entry
   * @return the numbers, NaN where there are none
   */
  public Estimate estimate(String name) {
    return new Estimate(
        number(name).orElse(Double.NaN),
        number(name + "_low").orElse(Double.NaN),
        number(name + "_high").orElse(Double.NaN));
  }
}
