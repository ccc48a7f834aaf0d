package io.github.lorascope.probe;

import io.github.lorascope.json.Json;
import io.github.lorascope.json.JsonException;
import io.github.lorascope.json.JsonObject;
import io.github.lorascope.metric.Proportion;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How well a probe read the label from one layer's states at one step of a training.
 *
 * @param step steps done before; 0: the untrained model
 * @param layer how many layers the states have passed; 0: the embedding's output
 * @param accuracy over all held-out examples
 * @param control the same with shuffled labels, where it was asked for
 */
public record ProbePoint(int step, int layer, Proportion accuracy, Optional<Proportion> control) {
  /**
   * Reads a series.
   *
   * @param file such as a run's {@code probes.jsonl}
   * @return its points, in the file's order
   * @throws ProbeException if the file cannot be read
   * @throws io.github.lorascope.json.JsonException if a line is not that of a point
   */
  public static List<ProbePoint> read(Path file) {
    List<ProbePoint> points = new ArrayList<>();
    try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        points.add(of(Json.parse(line, file + " line " + (points.size() + 1))));
      }
    } catch (IOException e) {
      throw new ProbeException("cannot read " + file + ": " + e.getMessage(), e);
    }
    return points;
  }

  private static ProbePoint of(JsonObject line) {
    int n = line.integer("n");
    try {
      return new ProbePoint(
          line.integer("step"),
          line.integer("layer"),
          proportion(line.number("accuracy"), n),
          line.has("control")
              ? Optional.of(proportion(line.number("control"), n))
              : Optional.empty());
    } catch (IllegalArgumentException e) {
      throw new JsonException(line.source() + ": " + e.getMessage(), e);
    }
  }

  private static Proportion proportion(double share, int n) {
    return new Proportion(Math.round(share * n), n);
  }

  /** What a line says beside its step. */
  Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("layer", layer);
    fields.put("accuracy", accuracy.accuracy());
    fields.put("low", accuracy.low());
    fields.put("high", accuracy.high());
    fields.put("n", accuracy.trials());
    fields.put("control", control.map(Proportion::accuracy).orElse(null));
    fields.put("selectivity", control.map(c -> accuracy.accuracy() - c.accuracy()).orElse(null));
    return fields;
  }
}
