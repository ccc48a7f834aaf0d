package io.github.lorascope.tap;

import io.github.lorascope.backend.AttentionShape;
import io.github.lorascope.data.PairExample;
import io.github.lorascope.decoder.LayerListener;
import io.github.lorascope.prompt.EncodedPrompt;
import io.github.lorascope.rerank.PassagePair;
import io.github.lorascope.rerank.Reranker;
import io.github.lorascope.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;

/** Shows a reranker's states on pairs to observers, a few pairs a pass. */
final class Sweep {
  /** Bounds the memory of a pass, which keeps every token's states of one layer. */
  private static final int TOKENS_A_PASS = 2048;

  private final Reranker reranker;
  private final List<Observer> observers;

  Sweep(Reranker reranker, List<Observer> observers) {
    this.reranker = reranker;
    this.observers = observers;
  }

  void over(List<PairExample> pairs, IntConsumer progress) {
    List<EncodedPrompt> together = new ArrayList<>();
    int first = 0;
    int tokens = 0;
    for (PairExample pair : pairs) {
      EncodedPrompt prompt = reranker.encode(new PassagePair(pair.query(), pair.a(), pair.b()));
      if (!together.isEmpty() && tokens + prompt.ids().length > TOKENS_A_PASS) {
        first = pass(first, together, progress);
        tokens = 0;
      }
      together.add(prompt);
      tokens += prompt.ids().length;
    }
    if (!together.isEmpty()) {
      pass(first, together, progress);
    }
  }

  private int pass(int first, List<EncodedPrompt> prompts, IntConsumer progress) {
    PromptBatch batch = PromptBatch.of(first, prompts);
    prompts.clear();
    reranker
        .decoder()
        .observe(
            batch.tokens(),
            reranker.adapter().orElse(null),
            new LayerListener() {
              @Override
              public void residual(int layers, Tensor states) {
                observers.forEach(o -> o.residual(batch, layers, states));
              }

              @Override
              public void attention(int layer, Tensor q, Tensor k, AttentionShape shape) {
                observers.forEach(o -> o.attention(batch, layer, q, k, shape));
              }
            });
    int done = first + batch.size();
    progress.accept(done);
    return done;
  }
}
