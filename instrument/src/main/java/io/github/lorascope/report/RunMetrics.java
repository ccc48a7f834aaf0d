package io.github.lorascope.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.lorascope.json.Json;
import io.github.lorascope.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * What a run measured, step by step. The report draws {@code loss}, {@code smoothed_loss}, {@code
 * accuracy}, {@code mean_p_correct}, {@code learning_rate}, {@code gradient_norm} and, on the steps
 * that evaluated, {@code eval_accuracy}, {@code eval_accuracy_low}, {@code eval_accuracy_high} and
 * {@code eval_n}.
 */
public final class RunMetrics {
  /** The name of the file in a run's folder. */
  public static final String FILE_NAME = "metrics.jsonl";

  private static final List<String> FIELDS =
      List.of(
          "loss",
          "smoothed_loss",
          "accuracy",
          "mean_p_correct",
          "learning_rate",
          "gradient_norm",
          "tokens",
          "eval_accuracy",
          "eval_accuracy_low",
          "eval_accuracy_high",
          "eval_n");

  private final NavigableMap<Long, Map<String, Double>> steps = new TreeMap<>();

  /** Begins without steps. */
  public RunMetrics() {}

  /**
   * Adds values to a step. What a step already has by the same name is replaced, so that the lines
   * of a resumed run win over those that it repeats.
   *
   * @param step the number of the step
   * @param values by field name; unknown names are ignored
   * @return this
   */
  public RunMetrics add(long step, Map<String, ? extends Number> values) {
    Map<String, Double> kept = steps.computeIfAbsent(step, unused -> new HashMap<>());
    for (String field : FIELDS) {
      Number value = values.get(field);
      if (value != null) {
        kept.put(field, value.doubleValue());
      }
    }
    return this;
  }

  /**
   * Reads a file of one JSON object a line; null stands for NaN, which JSON lacks.
   *
   * @param file to read
   * @return its steps, in ascending order
   * @throws ReportException if it cannot be read or a line lacks its step
   * @throws io.github.lorascope.json.JsonException if a line is no JSON object or a field no number
   */
  public static RunMetrics read(Path file) {
    RunMetrics metrics = new RunMetrics();
    try (BufferedReader lines = Files.newBufferedReader(file)) {
      int number = 0;
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        number++;
        if (!line.isBlank()) {
          metrics.addLine(file + " line " + number, line);
        }
      }
    } catch (NoSuchFileException e) {
      throw new ReportException(file + " does not exist; the folder of a training run holds it", e);
    } catch (CharacterCodingException e) {
      throw new ReportException(file + " is not UTF-8 text", e);
    } catch (IOException e) {
      throw new ReportException("Cannot read " + file + ": " + e, e);
    }
    return metrics;
  }

  private void addLine(String source, String line) {
    JsonObject object = Json.parse(line, source);
    JsonNode step = object.node("step");
    if (!step.isIntegralNumber() || !step.canConvertToLong()) {
      throw new ReportException(
          source
              + ": step has to be a whole number but is "
              + (step.isMissingNode() ? "missing" : step));
    }
    Map<String, Double> values = new HashMap<>();
    for (String field : FIELDS) {
      if (object.has(field)) {
        values.put(field, object.number(field));
      } else if (object.isNull(field)) {
        values.put(field, Double.NaN);
      }
    }
    add(step.longValue(), values);
  }

  /** The steps that have a field, with its values; NaN and infinities stay, to be drawn as gaps. */
  Points points(String field) {
    List<Map.Entry<Long, Map<String, Double>>> having =
        steps.entrySet().stream().filter(step -> step.getValue().containsKey(field)).toList();
    return new Points(
        having.stream().mapToDouble(Map.Entry::getKey).toArray(),
        having.stream().mapToDouble(step -> step.getValue().get(field)).toArray());
  }

  /** A field's values at some steps, NaN where a step lacks it. */
  double[] at(double[] atSteps, String field) {
    double[] out = new double[atSteps.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = steps.get((long) atSteps[i]).getOrDefault(field, Double.NaN);
    }
    return out;
  }
}
