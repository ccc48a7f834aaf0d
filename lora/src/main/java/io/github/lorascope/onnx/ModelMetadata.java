package io.github.lorascope.onnx;

import io.github.lorascope.checkpoint.ModelConfig;
import io.github.lorascope.prompt.PromptException;
import io.github.lorascope.prompt.PromptSettings;
import io.github.lorascope.rerank.Reranker;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;

/**
 * What a model's file says beside its graph (metadata_props), so that it is asked as the reranker
 * was that it was made of.
 *
 * @param asked the question, and how passages and prompts are cut
 * @param positions tokens that a sequence may have
 * @param vocabulary tokens that the model knows; empty where an older file does not say
 */
record ModelMetadata(PromptSettings asked, int positions, OptionalInt vocabulary) {
  private static final String PREFIX = "lorascope.";
  private static final String POSITIONS = PREFIX + "positions";
  private static final String VOCABULARY = PREFIX + "vocabulary";

  static ModelMetadata of(Reranker reranker) {
    ModelConfig config = reranker.decoder().config();
    return new ModelMetadata(
        reranker.settings(), config.maxPositions(), OptionalInt.of(config.vocabularySize()));
  }

  Map<String, String> write() {
    Map<String, String> values = new LinkedHashMap<>();
    asked.values().forEach((name, value) -> values.put(PREFIX + name, value));
    values.put(POSITIONS, Integer.toString(positions));
    vocabulary.ifPresent(tokens -> values.put(VOCABULARY, Integer.toString(tokens)));
    return values;
  }

  static ModelMetadata read(Map<String, String> values, Object source) {
    try {
      return new ModelMetadata(
          asked(values, source),
          number(values, POSITIONS, source),
          values.containsKey(VOCABULARY)
              ? OptionalInt.of(number(values, VOCABULARY, source))
              : OptionalInt.empty());
    } catch (PromptException | IllegalArgumentException e) {
      throw new OnnxException(
          source + ": its metadata are damaged (" + e.getMessage() + "); export it again", e);
    }
  }

  private static PromptSettings asked(Map<String, String> values, Object source) {
    Map<String, String> told = new HashMap<>();
    values.forEach(
        (name, value) -> {
          if (name.startsWith(PREFIX)) {
            told.put(name.substring(PREFIX.length()), value);
          }
        });
    return PromptSettings.of(told).orElseThrow(() -> missing(PREFIX + "prompt", source));
  }

  private static int number(Map<String, String> values, String key, Object source) {
    String value = values.get(key);
    if (value == null) {
      throw missing(key, source);
    }
    return Integer.parseInt(value);
  }

  private static OnnxException missing(String key, Object source) {
    return new OnnxException(
        source + " has no metadata " + key + ": only what OnnxExport wrote can be asked");
  }
}
