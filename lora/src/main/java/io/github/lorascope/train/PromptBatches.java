package io.github.lorascope.train;

import io.github.lorascope.data.EpochSampler;
import io.github.lorascope.data.PairExample;
import io.github.lorascope.decoder.TokenBatch;
import io.github.lorascope.rerank.PassagePair;
import io.github.lorascope.rerank.Reranker;
import java.util.ArrayList;
import java.util.List;

/**
 * The batches of prompts that a training goes through. The next is encoded while a GPU computes.
 */
final class PromptBatches {
  private final EpochSampler data;
  private final Reranker reranker;
  private final int size;
  private long aheadIndex = -1;
  private PromptBatch ahead;

  /**
   * Some prompts and their right answers.
   *
   * @param tokens the prompts
   * @param labels 0: A, 1: B
   */
  @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
  record PromptBatch(TokenBatch tokens, int[] labels) {}

  PromptBatches(EpochSampler data, Reranker reranker, int size) {
    this.data = data;
    this.reranker = reranker;
    this.size = size;
  }

  /** Returns a batch by its place among all. */
  PromptBatch get(long index) {
    return index == aheadIndex ? ahead : encode(index);
  }

  /** Encodes a batch that is likely to be asked for next. What is wrong with it is told then. */
  void prepare(long index) {
    aheadIndex = -1;
    try {
      ahead = encode(index);
      aheadIndex = index;
    } catch (RuntimeException e) {
      ahead = null;
    }
  }

  private PromptBatch encode(long index) {
    List<int[]> prompts = new ArrayList<>();
    int[] labels = new int[size];
    for (int i = 0; i < size; i++) {
      PairExample example = data.example(index * size + i);
      prompts.add(
          reranker.encode(new PassagePair(example.query(), example.a(), example.b())).ids());
      labels[i] = example.label();
    }
    return new PromptBatch(TokenBatch.of(prompts), labels);
  }
}
