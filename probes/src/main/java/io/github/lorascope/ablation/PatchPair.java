package io.github.lorascope.ablation;

import io.github.lorascope.data.PairExample;
import io.github.lorascope.prompt.EncodedPrompt;
import io.github.lorascope.prompt.PromptLimits;
import io.github.lorascope.rerank.PassagePair;
import io.github.lorascope.rerank.Reranker;
import java.util.Collection;
import java.util.Optional;

/**
 * The prompt of the run that is patched, and that of the run whose states replace its own.
 *
 * @param clean the prompt that is patched
 * @param source where the states come from
 * @param label the right answer to the clean prompt, 0: A, 1: B
 */
record PatchPair(EncodedPrompt clean, EncodedPrompt source, int label) {
  /**
   * Makes the prompts of an example.
   *
   * @return empty where a span that is to be patched does not stand at the same place in both
   */
  static Optional<PatchPair> of(
      Reranker reranker,
      PairExample example,
      PatchSource source,
      Collection<PatchPosition> positions) {
    PassagePair question = new PassagePair(example.query(), example.a(), example.b());
    EncodedPrompt whole = reranker.encode(question);
    if (source == PatchSource.UNTRAINED) {
      return Optional.of(new PatchPair(whole, whole, example.label()));
    }
    PassagePair swapped = new PassagePair(example.query(), example.b(), example.a());
    int shorter = Math.min(whole.documentA().size(), whole.documentB().size());
    if (positions.stream().noneMatch(PatchPosition::holdsPassages) || shorter == 0) {
      return matching(whole, reranker.encode(swapped), example.label(), positions);
    }
    Reranker cutting =
        reranker.withLimits(new PromptLimits(shorter, reranker.limits().maxTokens()));
    return matching(cutting.encode(question), cutting.encode(swapped), example.label(), positions);
  }

  /** The last token is matched whatever the lengths. */
  private static Optional<PatchPair> matching(
      EncodedPrompt clean, EncodedPrompt source, int label, Collection<PatchPosition> positions) {
    boolean match =
        positions.stream()
            .filter(p -> p != PatchPosition.LAST)
            .allMatch(p -> p.spans(clean).equals(p.spans(source)));
    return match ? Optional.of(new PatchPair(clean, source, label)) : Optional.empty();
  }

  int tokens() {
    return Math.max(clean.ids().length, source.ids().length);
  }
}
