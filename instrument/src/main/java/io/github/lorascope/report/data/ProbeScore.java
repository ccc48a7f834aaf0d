package io.github.lorascope.report.data;

import io.github.lorascope.json.JsonException;
import io.github.lorascope.json.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How well a linear probe reads the answer from the states behind some layers.
 *
 * @param step steps trained
 * @param layer layers that the states have passed, 0 for the embedding
 * @param accuracy of cross-validation
 * @param control accuracy on shuffled labels; NaN where it was not measured
 */
public record ProbeScore(long step, int layer, Estimate accuracy, double control) {
  static List<ProbeScore> read(Path file) {
    Map<List<Long>, ProbeScore> scores = new LinkedHashMap<>();
    JsonLines.read(
        file,
        line -> {
          ProbeScore score = of(line);
          scores.put(List.of(score.step(), (long) score.layer()), score);
        });
    return new ArrayList<>(scores.values());
  }

  private static ProbeScore of(JsonObject line) {
    int layer = line.integer("layer");
    if (layer < 0) {
      throw new JsonException(line.source() + ": layer is " + layer + ", below 0");
    }
    return new ProbeScore(
        StepTable.step(line),
        layer,
        Estimate.read(line, "accuracy", "low", "high"),
        line.number("control", Double.NaN));
  }
}
