package io.github.lorascope.examples;

import io.github.lorascope.checkpoint.ModelConfig;
import io.github.lorascope.decoder.TokenBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Tokens that mean nothing, for measuring. */
final class RandomTokens {
  private RandomTokens() {}

  /** Returns a sequence of each length; the same on every call. */
  static TokenBatch of(ModelConfig config, List<Integer> lengths) {
    SplittableRandom random = new SplittableRandom(0);
    List<int[]> sequences = new ArrayList<>();
    for (int length : lengths) {
      sequences.add(random.ints(length, 1, config.vocabularySize()).toArray());
    }
    return TokenBatch.of(sequences);
  }
}
