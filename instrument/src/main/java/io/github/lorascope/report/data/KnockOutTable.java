package io.github.lorascope.report.data;

import io.github.lorascope.json.Json;
import io.github.lorascope.json.JsonObject;
import java.nio.file.Path;
import java.util.List;

/**
 * What is lost where the adapter of one layer is switched off.
 *
 * @param n examples
 * @param accuracy of the whole adapter
 * @param margin of the whole adapter: mean logit difference, right minus wrong
 * @param rows one a layer, ascending
 */
public record KnockOutTable(int n, double accuracy, double margin, List<Row> rows) {
  /** Copies the rows. */
  public KnockOutTable {
    rows = List.copyOf(rows);
  }

  /**
   * One layer.
   *
   * @param layer its number from 0
   * @param accuracy without it
   * @param marginChange margin without it minus margin with it
   * @param accuracyChange accuracy without it minus accuracy with it
   * @param probability that chance alone makes as large a difference in accuracy
   */
  public record Row(
      int layer,
      Estimate accuracy,
      Estimate marginChange,
      Estimate accuracyChange,
      double probability) {}

  static KnockOutTable read(Path file) {
    JsonObject object = Json.read(file);
    return new KnockOutTable(
        object.integer("n"),
        object.number("accuracy", Double.NaN),
        object.number("margin", Double.NaN),
        object.objects("rows").stream().map(KnockOutTable::row).toList());
  }

  private static Row row(JsonObject row) {
    return new Row(
        row.integer("layer"),
        Estimate.read(row, "accuracy", "low", "high"),
        Estimate.read(row, "margin_change", "margin_change_low", "margin_change_high"),
        Estimate.read(row, "accuracy_change", "accuracy_change_low", "accuracy_change_high"),
        row.number("p", Double.NaN));
  }
}
