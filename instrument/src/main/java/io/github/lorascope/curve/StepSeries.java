package io.github.lorascope.curve;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.lorascope.json.Json;
import io.github.lorascope.json.JsonException;
import io.github.lorascope.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.DoubleStream;

/**
 * One quantity of a training against its steps.
 *
 * @param steps the steps, ascending
 * @param values a value a step; NaN and infinities are gaps
 */
public record StepSeries(double[] steps, double[] values) {
  private static final Pattern FIELD = Pattern.compile("([^\\[\\]]+)(?:\\[(\\d{1,6})])?");

  /** Checks that there is a value a step, and that steps ascend. */
  public StepSeries {
    if (steps.length != values.length) {
      throw new IllegalArgumentException(steps.length + " steps have " + values.length + " values");
    }
    for (int i = 0; i < steps.length; i++) {
      if (!Double.isFinite(steps[i]) || (i > 0 && steps[i] <= steps[i - 1])) {
        throw new IllegalArgumentException(
            "step " + steps[i] + " in place " + i + ": steps are finite and ascend");
      }
    }
  }

  /**
   * Reads a series of a run's folder. Lines that lack the field are passed over.
   *
   * @param file JSON Lines, each with its {@code step}
   * @param field a number of each line, such as {@code loss}, or an element of a list, counted from
   *     0, such as {@code norm[3]}
   * @return the series; empty where no line has the field
   * @throws CurveException if the file cannot be read, or its steps do not ascend
   * @throws JsonException if a line is no JSON object, or the field no number
   */
  public static StepSeries read(Path file, String field) {
    Matcher name = FIELD.matcher(field);
    if (!name.matches()) {
      throw new IllegalArgumentException(
          "'" + field + "' is no field, such as loss, and no element of a list, such as norm[3]");
    }
    int element = name.group(2) == null ? -1 : Integer.parseInt(name.group(2));
    DoubleStream.Builder steps = DoubleStream.builder();
    DoubleStream.Builder values = DoubleStream.builder();
    try (BufferedReader lines = Files.newBufferedReader(file)) {
      int number = 0;
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        number++;
        if (line.isBlank()) {
          continue;
        }
        JsonObject object = Json.parse(line, file + " line " + number);
        JsonNode node = object.node(name.group(1));
        JsonNode value = element < 0 ? node : node.path(element);
        if (!value.isMissingNode()) {
          steps.add(object.number("step"));
          values.add(number(value, object.source(), field));
        }
      }
    } catch (NoSuchFileException e) {
      throw new CurveException(
          file
              + " does not exist: a training with a run folder and the listener of the series writes it",
          e);
    } catch (IOException e) {
      throw new CurveException("cannot read " + file + ": " + e.getMessage(), e);
    }
    try {
      return new StepSeries(steps.build().toArray(), values.build().toArray());
    } catch (IllegalArgumentException e) {
      throw new CurveException(file + " is no series of " + field + ": " + e.getMessage(), e);
    }
  }

  private static double number(JsonNode value, String source, String field) {
    if (value.isNull()) {
      return Double.NaN;
    }
    if (!value.isNumber()) {
      throw new JsonException(source + ": " + field + " has to be a number");
    }
    return value.doubleValue();
  }

  /** The same without its gaps. */
  StepSeries finite() {
    DoubleStream.Builder keptSteps = DoubleStream.builder();
    DoubleStream.Builder keptValues = DoubleStream.builder();
    for (int i = 0; i < steps.length; i++) {
      if (Double.isFinite(values[i])) {
        keptSteps.add(steps[i]);
        keptValues.add(values[i]);
      }
    }
    return new StepSeries(keptSteps.build().toArray(), keptValues.build().toArray());
  }
}
