package io.github.lorascope.train;

import io.github.lorascope.backend.AdamW;
import io.github.lorascope.backend.Backend;
import io.github.lorascope.decoder.AdapterTensors;
import io.github.lorascope.decoder.DecoderPass;
import io.github.lorascope.decoder.PassOptions;
import io.github.lorascope.lora.LoraAdapter;
import io.github.lorascope.rerank.PairScore;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;
import java.util.List;

/**
 * Makes the steps of a training: the gradient of the mean cross-entropy over a step's pairs, summed
 * over its passes, clipped, and applied by AdamW, whose moments it holds.
 */
final class Optimizer {
  private static final double BETA1 = 0.9;
  private static final double BETA2 = 0.999;
  private static final double EPSILON = 1e-8;

  private final LoraAdapter adapter;
  private final Backend backend;
  private final PromptBatches batches;
  private final TrainingOptions options;
  private final List<TrainingListener> listeners;
  private final Tensor gradients;
  private final AdapterTensors gradientView;
  private final Tensor moment1;
  private final Tensor moment2;

  /**
   * What a step came to, before its update.
   *
   * @param loss mean cross-entropy of its pairs
   * @param accuracy share of its pairs answered right
   * @param probability mean probability given to the right answer
   * @param learningRate of its update
   * @param gradientNorm before clipping
   * @param tokens of its prompts
   */
  record Outcome(
      double loss,
      double accuracy,
      double probability,
      double learningRate,
      double gradientNorm,
      long tokens) {}

  /** What one step's passes add up to. */
  private static final class Sum {
    double loss;
    double probability;
    int right;
    long tokens;
  }

  /**
   * Begins without momentum.
   *
   * @param memory holds the gradient and the moments
   */
  Optimizer(
      LoraAdapter adapter,
      PromptBatches batches,
      TrainingOptions options,
      List<TrainingListener> listeners,
      MemoryScope memory) {
    this.adapter = adapter;
    this.backend = adapter.decoder().backend();
    this.batches = batches;
    this.options = options;
    this.listeners = listeners;
    int size = adapter.parameters().columns();
    gradients = memory.zeros(1, size);
    gradientView = adapter.view(gradients);
    moment1 = memory.zeros(1, size);
    moment2 = memory.zeros(1, size);
  }

  Tensor moment1() {
    return moment1;
  }

  Tensor moment2() {
    return moment2;
  }

  /**
   * Makes a step.
   *
   * @param step which, from 1
   * @throws NonFiniteLossException if the loss or the gradient is not finite; the adapter is as the
   *     step before left it
   */
  Outcome step(int step) {
    backend.scale(gradients, 0);
    Sum sum = new Sum();
    for (int i = 0; i < options.accumulate(); i++) {
      accumulate(step, (step - 1L) * options.accumulate() + i, sum);
    }
    if (!options.trainHead()) {
      gradientView.head().fill(0);
    }
    int pairs = options.batch() * options.accumulate();
    double loss = sum.loss / pairs;
    double norm = Math.sqrt(backend.squaredNorm(gradients));
    requireFinite(step, "the loss is ", loss);
    requireFinite(step, "the gradient's norm is ", norm);
    listeners.forEach(l -> l.gradient(step, gradients));
    if (options.clip() > 0 && norm > options.clip()) {
      backend.scale(gradients, options.clip() / (norm + 1e-6)); // as PyTorch clips
    }
    listeners.forEach(l -> l.clipped(step, gradients));
    double rate =
        options.learningRate()
            * options.schedule().factor(step - 1, options.steps(), options.warmup());
    backend.adamW(
        trained(adapter.parameters()),
        trained(gradients),
        trained(moment1),
        trained(moment2),
        new AdamW(rate, BETA1, BETA2, EPSILON, options.weightDecay(), step));
    listeners.forEach(l -> l.updated(step, adapter.parameters()));
    return new Outcome(
        loss, (double) sum.right / pairs, sum.probability / pairs, rate, norm, sum.tokens);
  }

  /** The part of a buffer that is updated. */
  private Tensor trained(Tensor buffer) {
    return buffer.columns(0, Math.toIntExact(options.trainedParameters(adapter)));
  }

  private void accumulate(int step, long pass, Sum sum) {
    PromptBatches.PromptBatch prompts = batches.get(pass);
    int[] labels = prompts.labels();
    long seed = options.seed() * 0x9E3779B97F4A7C15L + pass;
    PassOptions how = new PassOptions(true, adapter.config().dropout(), seed, options.recompute());
    try (DecoderPass forward = adapter.decoder().forward(prompts.tokens(), adapter.view(), how);
        MemoryScope scratch = backend.scope("the gradient of the logits")) {
      Tensor logits = forward.logits();
      Tensor dLogits = scratch.tensor(logits.rows(), logits.columns());
      double scale = 1.0 / ((double) options.batch() * options.accumulate());
      double[] losses = backend.crossEntropy(logits, labels, scale, dLogits);
      float[] answers = logits.toArray();
      for (int i = 0; i < labels.length; i++) {
        PairScore score = new PairScore(answers[2 * i], answers[2 * i + 1]);
        sum.loss += losses[i];
        sum.probability += score.probability(labels[i]);
        sum.right += score.preferred() == labels[i] ? 1 : 0;
      }
      sum.tokens += prompts.tokens().tokens();
      requireFinite(step, "the loss is ", sum.loss);
      forward.backward(
          dLogits,
          gradientView,
          (layers, gradient) -> listeners.forEach(l -> l.residualGradient(step, layers, gradient)));
      if (pass + 1 < (long) options.steps() * options.accumulate()) {
        batches.prepare(pass + 1); // the device is still going back
      }
    }
  }

  private static void requireFinite(int step, String what, double value) {
    if (!Double.isFinite(value)) {
      throw new NonFiniteLossException(step, what + value);
    }
  }
}
