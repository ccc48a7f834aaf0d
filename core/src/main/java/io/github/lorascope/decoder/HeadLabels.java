package io.github.lorascope.decoder;

import io.github.lorascope.checkpoint.CheckpointException;
import io.github.lorascope.json.Json;
import io.github.lorascope.json.JsonException;
import io.github.lorascope.json.JsonObject;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Holds what config.json calls the two rows of a head against A and B, which they are taken as. */
final class HeadLabels {
  private static final Logger log = LoggerFactory.getLogger(HeadLabels.class);
  private static final String FIELD = "id2label";
  private static final List<String> OURS = List.of("A", "B");
  private static final List<String> EXCHANGED = List.of("B", "A");

  /** What transformers calls labels that nobody named. */
  private static final List<String> UNNAMED = List.of("LABEL_0", "LABEL_1");

  private HeadLabels() {}

  static void check(Path config) {
    List<String> labels = read(config);
    if (labels.equals(EXCHANGED)) {
      throw new CheckpointException(
          config
              + ": "
              + FIELD
              + " calls the first row of the head (score.weight) B and the second A, which would"
              + " rank in reverse; exchange the two rows and the two labels");
    }
    if (!labels.equals(OURS) && !labels.equals(UNNAMED)) {
      log.warn(
          "{}: {} calls the rows of the head (score.weight) '{}' and '{}', which are taken as A (the"
              + " first passage) and B; an adapter's own head replaces them",
          config,
          FIELD,
          labels.get(0),
          labels.get(1));
    }
  }

  private static List<String> read(Path config) {
    try {
      JsonObject json = Json.read(config);
      if (!json.has(FIELD)) {
        return UNNAMED;
      }
      JsonObject labels = json.object(FIELD);
      return List.of(labels.string("0"), labels.string("1"));
    } catch (JsonException e) {
      throw new CheckpointException(e.getMessage(), e);
    }
  }
}
