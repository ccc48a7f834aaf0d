package io.github.lorascope.decoder;

import io.github.lorascope.decoder.AdapterTensors.Site;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Predicate;

/** An adapter on some layers with random numbers, and its gradients. */
public final class TestAdapter implements AutoCloseable {
  static final int RANK = 3;

  private final Decoder decoder;
  private final MemoryScope memory;
  private final Predicate<Site> sites;
  private final Adapter adapter;

  /**
   * Makes an adapter of rank 3 whose B is not zero.
   *
   * @param decoder what it is for
   * @param seed chooses the numbers of each matrix, whatever the sites
   * @param sites where it has paths
   */
  public TestAdapter(Decoder decoder, long seed, Predicate<Site> sites) {
    this.decoder = decoder;
    this.memory = decoder.backend().scope("a test's adapter");
    this.sites = sites;
    try {
      this.adapter = new Adapter(tensors(memory, seed, 0.2), 1.5);
    } catch (RuntimeException e) {
      memory.close();
      throw e;
    }
  }

  /** The adapter as the decoder takes it. */
  public Adapter adapter() {
    return adapter;
  }

  /** Zeros in the adapter's arrangement. */
  public AdapterTensors gradients(MemoryScope scope) {
    return tensors(scope, 0, 0);
  }

  private AdapterTensors tensors(MemoryScope scope, long seed, double deviation) {
    Map<Site, LowRankPair> paths = new HashMap<>();
    for (int layer = 0; layer < decoder.config().layers(); layer++) {
      for (LinearModule module : LinearModule.of(decoder.config())) {
        Site site = new Site(layer, module.path());
        if (sites.test(site)) {
          Random random = new Random(seed + 31L * layer + module.path().hashCode());
          paths.put(
              site,
              new LowRankPair(
                  random(scope, RANK, module.inputs(), random, deviation),
                  random(scope, module.outputs(), RANK, random, deviation)));
        }
      }
    }
    return new AdapterTensors(
        paths,
        random(scope, 2, decoder.config().hiddenSize(), new Random(seed ^ 0x5eed), deviation));
  }

  private static Tensor random(
      MemoryScope scope, int rows, int columns, Random random, double deviation) {
    float[] values = new float[rows * columns];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (deviation * random.nextGaussian());
    }
    return scope.tensor(rows, columns, values);
  }

  /** One pass forward and back; labels alternate. Gradients are there from the start, as always. */
  Step step(TokenBatch batch, PassOptions options) {
    try (MemoryScope scope = decoder.backend().scope("a test's gradients")) {
      return step(batch, options, gradients(scope), scope);
    }
  }

  private Step step(
      TokenBatch batch, PassOptions options, AdapterTensors gradients, MemoryScope scope) {
    try (DecoderPass pass = decoder.forward(batch, adapter, options)) {
      int[] labels = new int[batch.sequences()];
      for (int i = 0; i < labels.length; i++) {
        labels[i] = i % 2;
      }
      Tensor dLogits = scope.tensor(labels.length, 2);
      decoder.backend().crossEntropy(pass.logits(), labels, 1.0 / labels.length, dLogits);
      pass.backward(dLogits, gradients);
      Map<Site, List<float[]>> paths = new HashMap<>();
      gradients
          .paths()
          .forEach((at, pair) -> paths.put(at, List.of(pair.a().toArray(), pair.b().toArray())));
      return new Step(pass.logits().toArray(), paths, gradients.head().toArray());
    }
  }

  /** What a pass gave. */
  record Step(float[] logits, Map<Site, List<float[]>> paths, float[] head) {}

  @Override
  public void close() {
    memory.close();
  }
}
