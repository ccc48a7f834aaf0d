package io.github.lorascope.tap;

import io.github.lorascope.backend.Backend;
import io.github.lorascope.lora.LoraAdapter;
import io.github.lorascope.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * Measures the steps of one training. Gradients are reduced where they are, in double precision;
 * the parameters are copied to the heap, once a step, to see what an update changed.
 */
final class GradientMeter {
  private final Backend backend;
  private final AdapterBlocks blocks;
  private final List<Block> tensors;
  private final List<Block> tensorsAndRows;
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
    this.tensors = blocks(path -> Stream.of(path.a(), path.b()));
    this.tensorsAndRows =
        blocks(
            path ->
                Stream.concat(
                    Stream.of(path.a(), path.b()),
                    Stream.of(path.q(), path.k(), path.v()).flatMap(Optional::stream)));
    this.depth = adapter.decoder().config().layers();
    this.before = adapter.parameters().toArray();
    this.after = new float[before.length];
  }

  /** Squared norms of one layer, and the mean of its tensors' norms. */
  private record Gradient(double a, double b, double q, double k, double v, double mean) {}

  private List<Block> blocks(Function<AdapterBlocks.Path, Stream<Block>> ofPath) {
    Stream<Block> ofLayers =
        blocks.layers().stream().flatMap(layer -> layer.paths().stream()).flatMap(ofPath);
    return Stream.concat(ofLayers, Stream.of(blocks.head())).distinct().toList();
  }

  /** Squared norms of blocks of a buffer, all asked for at once. */
  private Map<Block, Double> squares(List<Block> of, Tensor buffer) {
    double[] sums = backend.squaredNorms(of.stream().map(block -> block.in(buffer)).toList());
    Map<Block, Double> squares = new HashMap<>();
    for (int i = 0; i < sums.length; i++) {
      squares.put(of.get(i), sums[i]);
    }
    return squares;
  }

  void gradient(Tensor gradient) {
    Map<Block, Double> squares = squares(tensorsAndRows, gradient);
    gradients = blocks.layers().stream().map(layer -> gradient(layer, squares)).toList();
    head = squares.get(blocks.head());
  }

  private static Gradient gradient(AdapterBlocks.Layer layer, Map<Block, Double> squares) {
    double a = 0;
    double b = 0;
    double roots = 0;
    for (AdapterBlocks.Path path : layer.paths()) {
      double ofA = squares.get(path.a());
      double ofB = squares.get(path.b());
      a += ofA;
      b += ofB;
      roots += Math.sqrt(ofA) + Math.sqrt(ofB);
    }
    return new Gradient(
        a,
        b,
        rows(layer, AdapterBlocks.Path::q, squares),
        rows(layer, AdapterBlocks.Path::k, squares),
        rows(layer, AdapterBlocks.Path::v, squares),
        roots / (2 * layer.paths().size()));
  }

  /** NaN if no path of the layer has such rows. */
  private static double rows(
      AdapterBlocks.Layer layer,
      Function<AdapterBlocks.Path, Optional<Block>> part,
      Map<Block, Double> squares) {
    return layer.paths().stream()
        .map(part)
        .flatMap(Optional::stream)
        .mapToDouble(squares::get)
        .reduce(Double::sum)
        .orElse(Double.NaN);
  }

  void clipped(Tensor gradient) {
    Map<Block, Double> squares = squares(tensors, gradient);
    clipped = blocks.layers().stream().mapToDouble(layer -> sum(layer, squares::get)).toArray();
    headClipped = squares.get(blocks.head());
  }

  GradientStep updated(int step, Tensor parameters, boolean effectiveRank) {
    parameters.storage().read(parameters.offset(), after, 0, after.length);
    Map<Block, Double> weights = squares(tensors, parameters);
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
              Math.sqrt(sum(layer, this::change)),
              Math.sqrt(sum(layer, weights::get)),
              effectiveRank ? effectiveRank(layer) : Double.NaN));
    }
    GradientStep.Head ofHead =
        new GradientStep.Head(
            Math.sqrt(head),
            Math.sqrt(headClipped),
            Math.sqrt(change(blocks.head())),
            Math.sqrt(weights.get(blocks.head())));
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

  private static double sum(AdapterBlocks.Layer layer, ToDoubleFunction<Block> squared) {
    return layer.paths().stream()
        .mapToDouble(path -> squared.applyAsDouble(path.a()) + squared.applyAsDouble(path.b()))
        .sum();
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
