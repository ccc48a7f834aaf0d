package io.github.lorascope.report.data;

import io.github.lorascope.json.Json;
import io.github.lorascope.json.JsonObject;
import java.nio.file.Path;
import java.util.List;

/**
 * What the states of another pass, put in at one place, do to the answer.
 *
 * @param n examples
 * @param source where the states come from
 * @param rows one a layer and position
 */
public record PatchingTable(int n, String source, List<Row> rows) {
  /** Copies the rows. */
  public PatchingTable {
    rows = List.copyOf(rows);
  }

  /**
   * One place.
   *
   * @param layer layers that the states have passed
   * @param position which tokens' states are replaced
   * @param change of the logit difference, right minus wrong
   * @param share of what replacing everything changes
   */
  public record Row(int layer, String position, Estimate change, double share) {}

  static PatchingTable read(Path file) {
    JsonObject object = Json.read(file);
    return new PatchingTable(
        object.integer("n"),
        object.string("source", ""),
        object.objects("rows").stream().map(PatchingTable::row).toList());
  }

  private static Row row(JsonObject row) {
    return new Row(
        row.integer("layer"),
        row.string("position"),
        Estimate.read(row, "change", "low", "high"),
        row.number("share", Double.NaN));
  }
}
