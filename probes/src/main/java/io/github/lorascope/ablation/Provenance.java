package io.github.lorascope.ablation;

import io.github.lorascope.json.JsonObject;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What a document says its numbers come from. */
final class Provenance {
  private Provenance() {}

  static Map<String, String> read(JsonObject document) {
    JsonObject provenance = document.object("provenance");
    return provenance.names().stream()
        .collect(Collectors.toUnmodifiableMap(Function.identity(), provenance::string));
  }
}
