package io.github.lorascope.lora;

import io.github.lorascope.checkpoint.ModelConfig;
import io.github.lorascope.checkpoint.RotaryEmbedding;
import java.nio.file.Path;
import java.util.List;

/**
 * Refuses a config.json by which another model would be computed than the one that is merged.
 *
 * @param file the config.json
 */
record SameModel(Path file) {
  /** What numbers may differ by: GGUF keeps factors of frequencies, rounded to float32. */
  private static final float ROUNDING = 1e-4f;

  void require(ModelConfig theirs, ModelConfig ours) {
    requireSame("model_type", theirs.type(), ours.type());
    requireSame("vocab_size", theirs.vocabularySize(), ours.vocabularySize());
    requireSame("hidden_size", theirs.hiddenSize(), ours.hiddenSize());
    requireSame("intermediate_size", theirs.intermediateSize(), ours.intermediateSize());
    requireSame("num_hidden_layers", theirs.layers(), ours.layers());
    requireSame("num_attention_heads", theirs.heads(), ours.heads());
    requireSame("num_key_value_heads", theirs.keyValueHeads(), ours.keyValueHeads());
    requireSame("head_dim", theirs.headDimension(), ours.headDimension());
    requireSame("rms_norm_eps", theirs.rmsNormEpsilon(), ours.rmsNormEpsilon());
    requireSame(
        "the bias of queries, keys and values",
        theirs.queryKeyValueBias(),
        ours.queryKeyValueBias());
    requireSame("the bias of o_proj", theirs.outputBias(), ours.outputBias());
    requireSame("mlp_bias", theirs.mlpBias(), ours.mlpBias());
    requireSameRotary(theirs.rotary(), ours.rotary());
    for (int layer = 0; layer < ours.layers(); layer++) {
      requireSame(
          "the window of layer " + layer,
          reach(theirs.window(layer), ours.maxPositions()),
          reach(ours.window(layer), ours.maxPositions()));
    }
  }

  private void requireSameRotary(RotaryEmbedding theirs, RotaryEmbedding ours) {
    if (!ours.frequencies().equals(ours.longFrequencies())) { // then it says which of them
      requireSame(
          "the number of positions first trained for",
          theirs.originalPositions(),
          ours.originalPositions());
    }
    requireNear("the rope's magnitude", List.of(theirs.magnitude()), List.of(ours.magnitude()));
    requireNear("the rope's frequencies", theirs.frequencies(), ours.frequencies());
    requireNear("the rope's long frequencies", theirs.longFrequencies(), ours.longFrequencies());
  }

  /** A window that is wider than any sequence is none. */
  private static int reach(int window, int positions) {
    return window == 0 ? positions : Math.min(window, positions);
  }

  private void requireNear(String what, List<Float> theirs, List<Float> ours) {
    requireSame("the number of " + what, theirs.size(), ours.size());
    for (int i = 0; i < ours.size(); i++) {
      if (Math.abs(theirs.get(i) - ours.get(i)) > ROUNDING * ours.get(i)) {
        requireSame(what + "[" + i + "]", theirs.get(i), ours.get(i));
      }
    }
  }

  private void requireSame(String field, Object theirs, Object ours) {
    if (!theirs.equals(ours)) {
      throw new MergeException(
          file + " is that of another model: " + field + " is " + theirs + " and not " + ours);
    }
  }
}
