package io.github.lorascope.onnx;

import io.github.lorascope.checkpoint.ModelConfig;
import io.github.lorascope.prompt.PairPrompt;
import io.github.lorascope.prompt.PromptException;
import io.github.lorascope.prompt.PromptLimits;
import io.github.lorascope.rerank.Reranker;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;

/**
 * What a model's file says beside its graph (metadata_props), so that it is asked as the reranker
 * was that it was made of.
 *
 * @param prompt the question
 * @param limits how passages and prompts are cut
 * @param positions tokens that a sequence may have
 * @param vocabulary tokens that the model knows; empty where an older file does not say
 */
record ModelMetadata(
    PairPrompt prompt, PromptLimits limits, int positions, OptionalInt vocabulary) {
  private static final String PROMPT = "lorascope.prompt";
  private static final String PASSAGE_TOKENS = "lorascope.passage_tokens";
  private static final String MAX_TOKENS = "lorascope.max_tokens";
  private static final String POSITIONS = "lorascope.positions";
  private static final String VOCABULARY = "lorascope.vocabulary";

  static ModelMetadata of(Reranker reranker) {
    ModelConfig config = reranker.decoder().config();
    return new ModelMetadata(
        reranker.prompt(),
        reranker.limits(),
        config.maxPositions(),
        OptionalInt.of(config.vocabularySize()));
  }

  Map<String, String> write() {
    Map<String, String> values = new LinkedHashMap<>();
    values.put(PROMPT, prompt.template());
    values.put(PASSAGE_TOKENS, Integer.toString(limits.passageTokens()));
    values.put(MAX_TOKENS, Integer.toString(limits.maxTokens()));
    values.put(POSITIONS, Integer.toString(positions));
    vocabulary.ifPresent(tokens -> values.put(VOCABULARY, Integer.toString(tokens)));
    return values;
  }

  static ModelMetadata read(Map<String, String> values, Object source) {
    try {
      return new ModelMetadata(
          PairPrompt.of(text(values, PROMPT, source)),
          new PromptLimits(
              number(values, PASSAGE_TOKENS, source), number(values, MAX_TOKENS, source)),
          number(values, POSITIONS, source),
          values.containsKey(VOCABULARY)
              ? OptionalInt.of(number(values, VOCABULARY, source))
              : OptionalInt.empty());
    } catch (PromptException | IllegalArgumentException e) {
      throw new OnnxException(
          source + ": its metadata are damaged (" + e.getMessage() + "); export it again", e);
    }
  }

  private static int number(Map<String, String> values, String key, Object source) {
    return Integer.parseInt(text(values, key, source));
  }

  private static String text(Map<String, String> values, String key, Object source) {
    String value = values.get(key);
    if (value == null) {
      throw new OnnxException(
          source + " has no metadata " + key + ": only what OnnxExport wrote can be asked");
    }
    return value;
  }
}
