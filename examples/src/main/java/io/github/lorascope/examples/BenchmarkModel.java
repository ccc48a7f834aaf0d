package io.github.lorascope.examples;

import io.github.lorascope.backend.AdamW;
import io.github.lorascope.backend.Backend;
import io.github.lorascope.decoder.AdapterTensors;
import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.decoder.DecoderPass;
import io.github.lorascope.decoder.PassOptions;
import io.github.lorascope.decoder.TokenBatch;
import io.github.lorascope.lora.LoraAdapter;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;

/** A decoder with an adapter and its optimizer, whose steps are timed. */
final class BenchmarkModel implements Workload {
  private static final AdamW UPDATE = new AdamW(1e-4, 0.9, 0.999, 1e-8, 0, 1);

  private final Decoder decoder;
  private final LoraAdapter adapter;
  private final boolean recompute;
  private final MemoryScope memory;
  private final Tensor gradients;
  private final Tensor moment1;
  private final Tensor moment2;
  private final AdapterTensors gradientView;

  /** Puts an adapter on a decoder, which goes on to belong to the caller. */
  BenchmarkModel(Decoder decoder, AdapterOptions options, boolean recompute) {
    this.decoder = decoder;
    this.recompute = recompute;
    adapter = options.attach(decoder, 0);
    memory = decoder.backend().scope("the state of the optimizer");
    gradients = memory.zeros(1, adapter.parameters().columns());
    moment1 = memory.zeros(1, gradients.columns());
    moment2 = memory.zeros(1, gradients.columns());
    gradientView = adapter.view(gradients);
  }

  int trainable() {
    return adapter.parameters().columns();
  }

  /** Reads a logit, since a GPU only begins what it is asked for. */
  @Override
  public void score(TokenBatch tokens) {
    try (DecoderPass pass = decoder.forward(tokens, adapter.view(), PassOptions.SCORING)) {
      pass.logits().get(0, 0);
    }
  }

  @Override
  public void train(TokenBatch tokens) {
    Backend backend = decoder.backend();
    backend.scale(gradients, 0);
    PassOptions how = new PassOptions(true, adapter.config().dropout(), 0, recompute);
    try (DecoderPass pass = decoder.forward(tokens, adapter.view(), how);
        MemoryScope scratch = backend.scope("the gradient of the logits")) {
      Tensor dLogits = scratch.tensor(tokens.sequences(), pass.logits().columns());
      int[] labels = new int[tokens.sequences()];
      backend.crossEntropy(pass.logits(), labels, 1.0 / labels.length, dLogits);
      pass.backward(dLogits, gradientView);
    }
    double norm = Math.sqrt(backend.squaredNorm(gradients));
    backend.scale(gradients, Math.min(1, 1 / (norm + 1e-6)));
    backend.adamW(adapter.parameters(), gradients, moment1, moment2, UPDATE);
  }

  @Override
  public void close() {
    memory.close();
    adapter.close();
  }
}
