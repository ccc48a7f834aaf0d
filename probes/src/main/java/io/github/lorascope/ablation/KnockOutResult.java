package io.github.lorascope.ablation;

import io.github.lorascope.io.AtomicFiles;
import io.github.lorascope.json.Json;
import io.github.lorascope.json.JsonException;
import io.github.lorascope.json.JsonObject;
import io.github.lorascope.metric.MeanInterval;
import io.github.lorascope.metric.Proportion;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a {@link KnockOut} came to.
 *
 * @param provenance what the numbers come from
 * @param n how many pairs were asked about
 * @param accuracy of the whole adapter, from 0 to 1
 * @param margin of the whole adapter: mean logit of the right passage less that of the wrong one
 * @param rows one a layer that has paths, layers ascending
 */
public record KnockOutResult(
    Map<String, String> provenance, int n, double accuracy, double margin, List<Row> rows) {
  /** Copies map and list. */
  public KnockOutResult {
    provenance = Map.copyOf(provenance);
    rows = List.copyOf(rows);
  }

  /**
   * The answers without one layer's adapter. A change is without less with.
   *
   * @param layer the layer switched off, from 0
   * @param accuracy without it
   * @param margin mean logit difference without it, right less wrong
   * @param marginChange mean change of the logit difference over the pairs
   * @param accuracyChange change of the accuracy
   * @param accuracyChangeLow lower end of its 95% interval for paired answers
   * @param accuracyChangeHigh upper end of it
   * @param p probability that chance alone changes as many answers (McNemar's exact test)
   */
  public record Row(
      int layer,
      Proportion accuracy,
      double margin,
      MeanInterval marginChange,
      double accuracyChange,
      double accuracyChangeLow,
      double accuracyChangeHigh,
      double p) {}

  /**
   * Writes the result as JSON, atomically.
   *
   * @param file such as a run's {@code knockout.json}
   * @throws io.github.lorascope.io.FileWriteException if the file cannot be written
   */
  public void write(Path file) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("provenance", new TreeMap<>(provenance));
    document.put("n", n);
    document.put("accuracy", accuracy);
    document.put("margin", margin);
    document.put("rows", rows.stream().map(KnockOutResult::fields).toList());
    AtomicFiles.writeString(file, Json.writePretty(document));
  }

  private static Map<String, Object> fields(Row row) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("layer", row.layer());
    fields.put("accuracy", row.accuracy().accuracy());
    fields.put("low", row.accuracy().low());
    fields.put("high", row.accuracy().high());
    fields.put("margin", row.margin());
    fields.put("margin_change", row.marginChange().mean());
    fields.put("margin_change_low", JsonNumber.of(row.marginChange().low()));
    fields.put("margin_change_high", JsonNumber.of(row.marginChange().high()));
    fields.put("accuracy_change", row.accuracyChange());
    fields.put("accuracy_change_low", row.accuracyChangeLow());
    fields.put("accuracy_change_high", row.accuracyChangeHigh());
    fields.put("p", row.p());
    return fields;
  }

  /**
   * Reads a result.
   *
   * @param file what {@link #write} wrote
   * @return the result
   * @throws io.github.lorascope.json.JsonException if the file cannot be read or says something
   *     else
   */
  public static KnockOutResult read(Path file) {
    JsonObject document = Json.read(file);
    try {
      int n = document.integer("n");
      return new KnockOutResult(
          document.object("provenance").texts(),
          n,
          document.number("accuracy"),
          document.number("margin"),
          document.objects("rows").stream().map(row -> row(row, n)).toList());
    } catch (IllegalArgumentException e) {
      throw new JsonException(document.source() + ": " + e.getMessage(), e);
    }
  }

  private static Row row(JsonObject row, int n) {
    return new Row(
        row.integer("layer"),
        new Proportion(Math.round(row.number("accuracy") * n), n),
        row.number("margin"),
        new MeanInterval(
            row.number("margin_change"),
            row.number("margin_change_low", Double.NEGATIVE_INFINITY),
            row.number("margin_change_high", Double.POSITIVE_INFINITY),
            n),
        row.number("accuracy_change"),
        row.number("accuracy_change_low"),
        row.number("accuracy_change_high"),
        row.number("p"));
  }
}
