package io.github.lorascope.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.lorascope.json.Json;
import io.github.lorascope.json.JsonObject;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;

/**
 * What a run came to and what it came from, as named entries in their order. The report puts into
 * words: {@code accuracy_before} and {@code accuracy_after} with their intervals ({@code ..._low}
 * and {@code ..._high}), {@code eval_n}, {@code steps}, {@code pairs}, {@code tokens}, {@code
 * seconds}, {@code tokens_per_second} and {@code model}. Every other entry is listed as it is.
 *
 * @param entries name to text; the names of nested entries are joined by dots
 */
public record RunSummary(Map<String, String> entries) {
  /** The name of the file in a run's folder. */
  public static final String FILE_NAME = "summary.json";

  /** Copies the entries. */
  public RunSummary {
    entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
  }

  /**
   * Takes entries of any type.
   *
   * @param entries name to value; a value is shown as its {@code toString()}
   * @return the summary, in the map's order, or by name where the map has none
   */
  public static RunSummary of(Map<String, ?> entries) {
    Map<String, String> text = new LinkedHashMap<>();
    Map<String, ?> ordered =
        entries instanceof LinkedHashMap ? entries : new TreeMap<String, Object>(entries);
    ordered.forEach((name, value) -> text.put(name, String.valueOf(value)));
    return new RunSummary(text);
  }

  /**
   * Reads a summary.
   *
   * @param file holds one JSON object
   * @return its entries
   * @throws io.github.lorascope.json.JsonException if it is missing or no JSON object
   */
  public static RunSummary read(Path file) {
    Map<String, String> entries = new LinkedHashMap<>();
    flatten("", Json.read(file), entries);
    return new RunSummary(entries);
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
}
