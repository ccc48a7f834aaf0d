package io.github.lorascope.report.data;

import io.github.lorascope.checkpoint.SafetensorsFile;
import io.github.lorascope.json.Json;
import io.github.lorascope.json.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What the files of the folder say that their numbers come from. */
public final class Origins {
  private final Map<List<String>, List<String>> files = new LinkedHashMap<>();
  private final Set<String> names = new LinkedHashSet<>();

  Origins() {}

  /** Notes the provenance that stands in a safetensors file. */
  void addTensors(String name, Path path) {
    String text = SafetensorsFile.open(path).metadata().get("provenance");
    if (text != null) {
      add(name, Json.parse(text, path + ": provenance"));
    }
  }

  /** Notes the provenance that stands in a JSON document. */
  void addDocument(String name, Path path) {
    JsonObject object = Json.read(path);
    if (object.has("provenance")) {
      add(name, object.object("provenance"));
    }
  }

  /** Notes a provenance. */
  void add(String name, JsonObject provenance) {
    names.add(name);
    Summary.of(provenance)
        .entries()
        .forEach(
            (entry, value) ->
                files
                    .computeIfAbsent(List.of(entry, value), unused -> new ArrayList<>())
                    .add(name));
  }

  /**
   * What is said, and by which files.
   *
   * @return rows of entry, value and the files that state it
   */
  public List<List<String>> rows() {
    return files.entrySet().stream()
        .sorted(Map.Entry.comparingByKey((a, b) -> a.get(0).compareTo(b.get(0))))
        .map(row -> List.of(row.getKey().get(0), row.getKey().get(1), said(row.getValue())))
        .toList();
  }

  private String said(List<String> some) {
    return names.size() > 2 && some.size() == names.size()
        ? "every file that states any"
        : String.join(", ", some);
  }
}
