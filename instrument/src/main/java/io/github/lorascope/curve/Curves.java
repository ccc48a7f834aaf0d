package io.github.lorascope.curve;

import io.github.lorascope.io.AtomicFiles;
import io.github.lorascope.json.Json;
import io.github.lorascope.json.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The curves of a run, as {@code curves.json} holds them.
 *
 * @param provenance what the run's numbers come from
 * @param series the curves
 */
public record Curves(Map<String, String> provenance, List<Curve> series) {
  /** The name of the file in a run's folder. */
  public static final String FILE_NAME = "curves.json";

  /** Copies map and list. */
  public Curves {
    provenance = Map.copyOf(provenance);
    series = List.copyOf(series);
  }

  /**
   * Looks a curve up.
   *
   * @param name its name
   * @return the curve, if there is one of that name
   */
  public Optional<Curve> get(String name) {
    return series.stream().filter(curve -> curve.name().equals(name)).findFirst();
  }

  /**
   * Writes them to a run's folder.
   *
   * @param folder the folder
   * @throws io.github.lorascope.io.FileWriteException if the file system fails
   */
  public void write(Path folder) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("provenance", new TreeMap<>(provenance));
    json.put("series", series.stream().map(Curves::toJson).toList());
    AtomicFiles.writeString(folder.resolve(FILE_NAME), Json.writePretty(json));
  }

  private static Map<String, Object> toJson(Curve curve) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", curve.name());
    json.put("plateau", curve.plateau().map(Curves::toJson).orElse(null));
    json.put("change_points", curve.changePoints().stream().map(Curves::toJson).toList());
    json.put("steepest", curve.steepest().map(Curves::toJson).orElse(null));
    return json;
  }

  private static Map<String, Object> toJson(Plateau plateau) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("from", number(plateau.from()));
    json.put("to", number(plateau.to()));
    json.put("steps", number(plateau.steps()));
    json.put("level", plateau.level());
    json.put("mean", plateau.mean());
    return json;
  }

  private static Map<String, Object> toJson(ChangePoint change) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("step", number(change.step()));
    json.put("before", change.before());
    json.put("after", change.after());
    json.put("size", change.size());
    return json;
  }

  private static Map<String, Object> toJson(Steepest steepest) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("step", number(steepest.step()));
    json.put("slope", steepest.slope());
    return json;
  }

  /** Steps are whole numbers as a rule, and are written as such. */
  private static Number number(double value) {
    if (value == Math.rint(value) && Math.abs(value) < 1L << 53) {
      return (long) value;
    }
    return value;
  }

  /**
   * Reads them from a run's folder.
   *
   * @param folder the folder
   * @return the curves
   * @throws io.github.lorascope.json.JsonException if the file is missing or of another form
   */
  public static Curves read(Path folder) {
    JsonObject json = Json.read(folder.resolve(FILE_NAME));
    List<Curve> series = new ArrayList<>();
    for (JsonObject curve : json.objects("series")) {
      series.add(
          new Curve(
              curve.string("name"),
              Optional.of("plateau").filter(curve::has).map(curve::object).map(Curves::plateau),
              curve.objects("change_points").stream().map(Curves::changePoint).toList(),
              Optional.of("steepest").filter(curve::has).map(curve::object).map(Curves::steepest)));
    }
    return new Curves(json.object("provenance").texts(), series);
  }

  private static Plateau plateau(JsonObject json) {
    return new Plateau(
        json.number("from"), json.number("to"), json.number("level"), json.number("mean"));
  }

  private static ChangePoint changePoint(JsonObject json) {
    return new ChangePoint(json.number("step"), json.number("before"), json.number("after"));
  }

  private static Steepest steepest(JsonObject json) {
    return new Steepest(json.number("step"), json.number("slope"));
  }
}
