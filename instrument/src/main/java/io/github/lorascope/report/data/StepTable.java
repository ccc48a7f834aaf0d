package io.github.lorascope.report.data;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.lorascope.json.JsonException;
import io.github.lorascope.json.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * A file of one JSON object a step: numbers, and lists of a number for each of {@code layers}. The
 * last line of a step wins; null stands for NaN, which JSON lacks.
 */
public final class StepTable {
  private static final String LAYERS = "layers";

  private final NavigableMap<Long, Map<String, Double>> numbers = new TreeMap<>();
  private final NavigableMap<Long, Map<String, double[]>> lists = new TreeMap<>();
  private int[] layers = new int[0];

  private StepTable() {}

  /**
   * Reads a file.
   *
   * @param file JSON Lines
   * @param numberFields names of numbers; other fields are ignored
   * @param listFields names of lists as long as {@code layers}
   * @return its steps, ascending
   * @throws JsonException if it cannot be read, a line lacks its step, or a field is not what it
   *     has to be; the message names file, line and field
   */
  public static StepTable read(Path file, Set<String> numberFields, Set<String> listFields) {
    StepTable series = new StepTable();
    JsonLines.read(file, line -> series.add(line, numberFields, listFields));
    return series;
  }

  /** The step of a line. */
  static long step(JsonObject line) {
    JsonNode step = line.node("step");
    if (!step.isIntegralNumber() || !step.canConvertToLong()) {
      throw new JsonException(
          line.source()
              + ": step has to be a whole number but is "
              + (step.isMissingNode() ? "missing" : step));
    }
    return step.longValue();
  }

  private void add(JsonObject line, Set<String> numberFields, Set<String> listFields) {
    long step = step(line);
    Map<String, Double> kept = numbers.computeIfAbsent(step, unused -> new HashMap<>());
    for (String field : numberFields) {
      if (line.has(field)) {
        kept.put(field, line.number(field));
      } else if (line.isNull(field)) {
        kept.put(field, Double.NaN);
      }
    }
    if (listFields.isEmpty()) {
      return;
    }
    addLayers(line);
    Map<String, double[]> keptLists = lists.computeIfAbsent(step, unused -> new HashMap<>());
    for (String field : listFields) {
      if (line.has(field)) {
        keptLists.put(field, list(line, field));
      }
    }
  }

  private void addLayers(JsonObject line) {
    int[] stated = line.integers(LAYERS).stream().mapToInt(Integer::intValue).toArray();
    for (int i = 1; i < stated.length; i++) {
      if (stated[i] <= stated[i - 1]) {
        throw new JsonException(line.source() + ": layers do not ascend");
      }
    }
    if (layers.length > 0 && !Arrays.equals(layers, stated)) {
      throw new JsonException(line.source() + ": layers differ from those of the lines before");
    }
    layers = stated;
  }

  private double[] list(JsonObject line, String field) {
    List<Double> values = new ArrayList<>();
    JsonNode list = line.node(field);
    if (!list.isArray()) {
      throw new JsonException(line.source() + ": " + field + " has to be a list");
    }
    for (JsonNode entry : list) {
      if (!entry.isNumber() && !entry.isNull()) {
        throw new JsonException(
            line.source()
                + ": "
                + field
                + "["
                + values.size()
                + "] has to be a number or null but is "
                + entry);
      }
      values.add(entry.isNull() ? Double.NaN : entry.doubleValue());
    }
    if (values.size() != layers.length) {
      throw new JsonException(
          line.source()
              + ": "
              + field
              + " has "
              + values.size()
              + " values for "
              + layers.length
              + " layers");
    }
    return values.stream().mapToDouble(Double::doubleValue).toArray();
  }

  /**
   * The steps that have a number.
   *
   * @param field its name
   * @return steps and values; NaN stays, to be drawn as a gap
   */
  public Points points(String field) {
    List<Map.Entry<Long, Map<String, Double>>> having =
        numbers.entrySet().stream().filter(step -> step.getValue().containsKey(field)).toList();
    return new Points(
        having.stream().mapToDouble(Map.Entry::getKey).toArray(),
        having.stream().mapToDouble(step -> step.getValue().get(field)).toArray());
  }

  /**
   * A number at some steps.
   *
   * @param steps where
   * @param field its name
   * @return its values, NaN where a step lacks it
   */
  public double[] at(double[] steps, String field) {
    double[] out = new double[steps.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = numbers.getOrDefault((long) steps[i], Map.of()).getOrDefault(field, Double.NaN);
    }
    return out;
  }

  /**
   * A list's values of every step that has it.
   *
   * @param field its name
   * @return the matrix; empty where no step has a finite value
   */
  public Optional<LayerMatrix> layers(String field) {
    List<Map.Entry<Long, Map<String, double[]>>> having =
        lists.entrySet().stream().filter(step -> step.getValue().containsKey(field)).toList();
    LayerMatrix matrix =
        new LayerMatrix(
            having.stream().mapToDouble(Map.Entry::getKey).toArray(),
            layers,
            having.stream().map(step -> step.getValue().get(field)).toArray(double[][]::new));
    return matrix.isEmpty() ? Optional.empty() : Optional.of(matrix.recorded());
  }

  /**
   * The layers that the lists are about.
   *
   * @return their numbers, ascending
   */
  public int[] layers() {
    return layers.clone();
  }
}
