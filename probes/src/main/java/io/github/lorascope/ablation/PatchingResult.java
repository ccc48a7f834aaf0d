package io.github.lorascope.ablation;

import io.github.lorascope.io.AtomicFiles;
import io.github.lorascope.json.Json;
import io.github.lorascope.json.JsonException;
import io.github.lorascope.json.JsonObject;
import io.github.lorascope.metric.MeanInterval;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * What an {@link ActivationPatching} came to.
 *
 * @param provenance what the numbers come from
 * @param n how many pairs were patched
 * @param source where the states came from
 * @param rows layers ascending, of each the positions
 */
public record PatchingResult(
    Map<String, String> provenance, int n, PatchSource source, List<Row> rows) {
  /** Copies map and list. */
  public PatchingResult {
    provenance = Map.copyOf(provenance);
    rows = List.copyOf(rows);
  }

  /**
   * What replacing the states of one place did.
   *
   * @param layer how many layers the replaced states have passed; 0: the embedding's output
   * @param position which tokens'
   * @param change mean over the pairs of the patched less the clean logit difference, each the
   *     logit of the clean prompt's right passage less that of its wrong one
   * @param share the change over that of replacing everything, the source's own logit difference
   *     less the clean one: 0 where the answer does not hang on this place, 1 where it hangs on
   *     nothing else; NaN where source and clean run do not differ
   */
  public record Row(int layer, PatchPosition position, MeanInterval change, double share) {}

  /**
   * Writes the result as JSON, atomically; a share that is no number becomes null.
   *
   * @param file such as a run's {@code patching.json}
   * @throws io.github.lorascope.io.FileWriteException if the file cannot be written
   */
  public void write(Path file) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("provenance", new TreeMap<>(provenance));
    document.put("n", n);
    document.put("source", source.label());
    document.put("rows", rows.stream().map(PatchingResult::fields).toList());
    AtomicFiles.writeString(file, Json.writePretty(document));
  }

  private static Map<String, Object> fields(Row row) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("layer", row.layer());
    fields.put("position", row.position().label());
    fields.put("change", row.change().mean());
    fields.put("low", JsonNumber.of(row.change().low()));
    fields.put("high", JsonNumber.of(row.change().high()));
    fields.put("share", JsonNumber.of(row.share()));
    return fields;
  }

  /**
   * Reads a result.
   *
   * @param file what {@link #write} wrote
   * @return the result
   * @throws JsonException if the file cannot be read or says something else
   */
  public static PatchingResult read(Path file) {
    JsonObject document = Json.read(file);
    int n = document.integer("n");
    return new PatchingResult(
        document.object("provenance").texts(),
        n,
        named(PatchSource.class, document, "source"),
        document.objects("rows").stream().map(row -> row(row, n)).toList());
  }

  private static Row row(JsonObject row, int n) {
    return new Row(
        row.integer("layer"),
        named(PatchPosition.class, row, "position"),
        new MeanInterval(
            row.number("change"),
            row.number("low", Double.NEGATIVE_INFINITY),
            row.number("high", Double.POSITIVE_INFINITY),
            n),
        row.number("share", Double.NaN));
  }

  private static <E extends Enum<E>> E named(Class<E> type, JsonObject in, String field) {
    String name = in.string(field);
    try {
      return Enum.valueOf(type, name.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new JsonException(in.source() + ": " + field + " is unknown: " + name, e);
    }
  }
}
