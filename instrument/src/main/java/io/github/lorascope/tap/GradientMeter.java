package io.github.lorascope.tap;

import io.github.lorascope.backend.Backend;
import io.github.lorascope.lora.LoraAdapter;
import io.github.lorascope.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Measures the steps of one training. Gradients are reduced where they are, in double precision;
 * the parameters are copied to the heap, once a step, to see what an update changed.
 */
final class GradientMeter {
  private final Backend backend;
  private final AdapterBlocks blocks;
  private final int depth;
  private float[] before;
  private float[] after;
  private List<Gradient> gradients = List.of();
  private double head;
  private double[] clipped = {};
  private double headClipped;

  GradientMeter(LoraAdapter adapter) {
    this.backend = adapter.decoder().backend();
    this.blocks = AdapterBlocks.of(adapter);
    this.depth = adapter.decoder().config().layers();
    this.before = adapter.parameters().toArray();
    this.after = new float[before.length];
  }

  /** Squared norms of one layer, and the mean of its tensors' norms. */
  private record Gradient(double a, double b, double q, double k, double v, double mean) {}

  void gradient(Tensor gradient) {
    gradients = blocks.layers().stream().map(layer -> gradient(layer, gradient)).toList();
    head = squared(blocks.head(), gradient);
  }

  private Gradient gradient(AdapterBlocks.Layer layer, Tensor gradient) {
    double a = 0;
    double b = 0;
    double roots = 0;
    for (AdapterBlocks.Path path : layer.paths()) {
      double ofA = squared(path.a(), gradient);
      double ofB = squared(path.b(), gradient);
      a += ofA;
      b += ofB;
      roots += Math.sqrt(ofA) + Math.sqrt(ofB);
    }
    return new Gradient(
        a,
        b,
        rows(layer, AdapterBlocks.Path::q, gradient),
        rows(layer, AdapterBlocks.Path::k, gradient),
        rows(layer, AdapterBlocks.Path::v, gradient),
        roots / (2 * layer.paths().size()));
  }

  /** NaN if no path of the layer has such rows. */
  private double rows(
      AdapterBlocks.Layer layer,
      Function<AdapterBlocks.Path, Optional<Block>> part,
      Tensor gradient) {
    return layer.paths().stream()
        .map(part)
        .flatMap(Optional::stream)
        .mapToDouble(block -> squared(block, gradient))
        .reduce(Double::sum)
        .orElse(Double.NaN);
  }

  void clipped(Tensor gradient) {
    clipped = blocks.layers().stream().mapToDouble(layer -> squared(layer, gradient)).toArray();
    headClipped = squared(blocks.head(), gradient);
  }

  GradientStep updated(int step, Tensor parameters, boolean effectiveRank) {
    parameters.storage().read(parameters.offset(), after, 0, after.length);
    List<GradientStep.Layer> layers = new ArrayList<>();
    double total = head;
    double totalClipped = headClipped;
    for (int i = 0; i < gradients.size(); i++) {
      AdapterBlocks.Layer layer = blocks.layers().get(i);
      Gradient g = gradients.get(i);
      total += g.a() + g.b();
      totalClipped += clipped[i];
      layers.add(
          new GradientStep.Layer(
              layer.index(),
              Math.sqrt(g.a() + g.b()),
              g.mean(),
              Math.sqrt(g.a()),
              Math.sqrt(g.b()),
              Math.sqrt(g.q()),
              Math.sqrt(g.k()),
              Math.sqrt(g.v()),
              Math.sqrt(clipped[i]),
              Math.sqrt(
                  layer.paths().stream().mapToDouble(p -> change(p.a()) + change(p.b())).sum()),
              Math.sqrt(squared(layer, parameters)),
              effectiveRank ? effectiveRank(layer) : Double.NaN));
    }
    GradientStep.Head ofHead =
        new GradientStep.Head(
            Math.sqrt(head),
            Math.sqrt(headClipped),
            Math.sqrt(change(blocks.head())),
            Math.sqrt(squared(blocks.head(), parameters)));
    float[] spare = before;
    before = after;
    after = spare;
    return GradientStep.of(
        step, layers, ofHead, total == 0 ? 1 : Math.sqrt(totalClipped / total), depth);
  }

  private static double effectiveRank(AdapterBlocks.Layer layer) {
    return layer.paths().stream()
        .mapToDouble(path -> EffectiveRank.ofProduct(path.parameters().b(), path.parameters().a()))
        .average()
        .orElseThrow();
  }

  private double squared(AdapterBlocks.Layer layer, Tensor buffer) {
    return layer.paths().stream()
        .mapToDouble(path -> squared(path.a(), buffer) + squared(path.b(), buffer))
        .sum();
  }

  private double squared(Block block, Tensor buffer) {
    return backend.squaredNorm(block.in(buffer));
  }

  /** The squared norm of what the update changed. */
  private double change(Block block) {
    double sum = 0;
    for (int i = block.from(); i < block.from() + block.size(); i++) {
      double change = (double) after[i] - before[i];
      sum += change * change;
    }
    return sum;
  }
}
