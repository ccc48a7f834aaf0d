package io.github.lorascope.tap;

import io.github.lorascope.decoder.TokenBatch;
import io.github.lorascope.prompt.EncodedPrompt;
import io.github.lorascope.tensor.Tensor;
import java.util.List;

/**
 * Some examples that are observed in one pass.
 *
 * @param first the index of the first
 * @param prompts their prompts
 * @param tokens the prompts' tokens, packed
 */
record PromptBatch(int first, List<EncodedPrompt> prompts, TokenBatch tokens) {
  static PromptBatch of(int first, List<EncodedPrompt> prompts) {
    return new PromptBatch(
        first,
        List.copyOf(prompts),
        TokenBatch.of(prompts.stream().map(EncodedPrompt::ids).toList()));
  }

  int size() {
    return prompts.size();
  }

  /** Where an example's first token stands in the pass. */
  int start(int example) {
    return tokens.offsets()[example];
  }

  /** Copies the rows of the last tokens out of states [tokens, hidden]. */
  float[] lastStates(Tensor states) {
    int hidden = states.columns();
    float[] last = new float[size() * hidden];
    for (int i = 0; i < size(); i++) {
      states.storage().read(states.offset(start(i + 1) - 1), last, i * hidden, hidden);
    }
    return last;
  }
}
