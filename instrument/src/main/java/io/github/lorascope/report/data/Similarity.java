package io.github.lorascope.report.data;

import io.github.lorascope.json.Json;
import java.nio.file.Path;
import java.util.List;

/**
 * How alike the states behind some layers are before and after the training.
 *
 * @param layer layers that the states have passed
 * @param cka linear centred kernel alignment, 1 for the same up to rotation and scale
 */
public record Similarity(int layer, double cka) {
  static List<Similarity> read(Path file) {
    return Json.read(file).objects("rows").stream()
        .map(row -> new Similarity(row.integer("layer"), row.number("cka", Double.NaN)))
        .toList();
  }
}
