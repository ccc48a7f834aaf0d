package io.github.lorascope.ablation;

import io.github.lorascope.lora.LoraAdapter;
import io.github.lorascope.rerank.Reranker;

/**
 * What a training asks of its adapter too: prompts of one model's tokenizer tell another nothing.
 */
final class SameDecoder {
  private SameDecoder() {}

  static void require(Reranker reranker, LoraAdapter adapter) {
    if (adapter.decoder() != reranker.decoder()) {
      throw new IllegalArgumentException(
          "the adapter belongs to another decoder than the reranker asks: attach it to"
              + " reranker.decoder()");
    }
  }
}
