package io.github.lorascope.tap;

import io.github.lorascope.backend.Backend;
import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.rerank.Reranker;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;

/** Reads the last tokens' states out behind every layer. */
final class LensRecorder implements Observer {
  private final Reranker reranker;
  private final ExampleSet examples;
  private final int depths;
  private final float[] logits;

  LensRecorder(Reranker reranker, ExampleSet examples) {
    this.reranker = reranker;
    this.examples = examples;
    this.depths = reranker.decoder().config().layers() + 1;
    this.logits = new float[Math.multiplyExact(examples.size(), depths * Lens.LABELS)];
  }

  @Override
  public void residual(PromptBatch batch, int layers, Tensor states) {
    Decoder decoder = reranker.decoder();
    Backend backend = decoder.backend();
    int n = batch.size();
    try (MemoryScope scope = backend.scope("the lens on " + n + " states")) {
      Tensor last = scope.tensor(n, states.columns(), batch.lastStates(states));
      Tensor out = scope.tensor(n, Lens.LABELS);
      decoder.readOut(last, reranker.adapter().orElse(null), out);
      float[] read = out.toArray();
      for (int i = 0; i < n; i++) {
        int at = ((batch.first() + i) * depths + layers) * Lens.LABELS;
        System.arraycopy(read, i * Lens.LABELS, logits, at, Lens.LABELS);
      }
    }
  }

  Lens lens() {
    return new Lens(examples, depths, logits);
  }
}
