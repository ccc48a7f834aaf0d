package io.github.lorascope.tap;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * The gradients and the update of an adapter in one optimizer step. Norms are L2; those of
 * gradients are of the mean loss in nats, before clipping unless they say otherwise. NaN stands for
 * what there is not.
 *
 * @param step the step, from 1
 * @param layers the layers that have paths, ascending
 * @param head the classification head
 * @param clipFactor what clipping multiplied the whole gradient with; 1: it was not clipped
 * @param early mean of the layers' norms over the {@link DepthThird#EARLY early} third
 * @param middle the same over the middle third
 * @param late the same over the late third
 */
public record GradientStep(
    int step,
    List<Layer> layers,
    Head head,
    double clipFactor,
    double early,
    double middle,
    double late) {
  /** Copies the list. */
  public GradientStep {
    layers = List.copyOf(layers);
  }

  static GradientStep of(int step, List<Layer> layers, Head head, double clipFactor, int depth) {
    return new GradientStep(
        step,
        layers,
        head,
        clipFactor,
        mean(layers, DepthThird.EARLY, depth),
        mean(layers, DepthThird.MIDDLE, depth),
        mean(layers, DepthThird.LATE, depth));
  }

  private static double mean(List<Layer> layers, DepthThird third, int depth) {
    return layers.stream()
        .filter(layer -> DepthThird.of(layer.layer(), depth) == third)
        .mapToDouble(Layer::norm)
        .average()
        .orElse(Double.NaN);
  }

  /**
   * One decoder layer.
   *
   * @param layer the layer, from 0
   * @param norm root of the sum of squares over all its tensors: the length of its gradient
   * @param mean mean of its tensors' norms, A and B of every path counting as one each; it depends
   *     on how many tensors the same numbers are split into
   * @param a norm over its A
   * @param b norm over its B
   * @param q norm over the rows of B that give queries, of a fused or a split projection
   * @param k norm over the rows of B that give keys
   * @param v norm over the rows of B that give values
   * @param clipped norm after clipping
   * @param update norm of what the optimizer changed its parameters by
   * @param weight norm of its parameters after that
   * @param effectiveRank {@link EffectiveRank} of B A after that, mean over its paths; NaN on steps
   *     where it was not asked for
   */
  public record Layer(
      int layer,
      double norm,
      double mean,
      double a,
      double b,
      double q,
      double k,
      double v,
      double clipped,
      double update,
      double weight,
      double effectiveRank) {
    /**
     * Returns how far the layer moved, relative to where it stands.
     *
     * @return update / weight
     */
    public double updateRatio() {
      return update / weight;
    }
  }

  /**
   * The classification head.
   *
   * @param norm norm of its gradient
   * @param clipped the same after clipping
   * @param update norm of what the optimizer changed it by
   * @param weight norm of its parameters after that
   */
  public record Head(double norm, double clipped, double update, double weight) {}

  /** The line of a run's series, without its step. */
  Map<String, Object> line() {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("layers", layers.stream().map(Layer::layer).toList());
    line.put("norm", column(Layer::norm));
    line.put("mean", column(Layer::mean));
    line.put("a", column(Layer::a));
    line.put("b", column(Layer::b));
    line.put("q", column(Layer::q));
    line.put("k", column(Layer::k));
    line.put("v", column(Layer::v));
    line.put("norm_clipped", column(Layer::clipped));
    line.put("update", column(Layer::update));
    line.put("weight", column(Layer::weight));
    line.put("update_ratio", column(Layer::updateRatio));
    if (layers.stream().anyMatch(layer -> !Double.isNaN(layer.effectiveRank()))) {
      line.put("effective_rank", column(Layer::effectiveRank));
    }
    line.put("head", head.norm());
    line.put("head_clipped", head.clipped());
    line.put("head_update", head.update());
    line.put("head_weight", head.weight());
    line.put("clip_factor", clipFactor);
    line.put("early", early);
    line.put("middle", middle);
    line.put("late", late);
    line.put("late_early_ratio", late / early);
    line.put("early_late_ratio", early / late);
    return line;
  }

  private double[] column(ToDoubleFunction<Layer> value) {
    return layers.stream().mapToDouble(value).toArray();
  }
}
