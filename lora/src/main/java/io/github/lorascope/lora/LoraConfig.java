package io.github.lorascope.lora;

import io.github.lorascope.checkpoint.ModelConfig;
import java.util.List;

/**
 * The settings of an adapter, named as PEFT names them.
 *
 * @param targets names of the linear layers, such as {@code qkv_proj}; {@code all-linear} takes all
 * @param rank rank of the paths (PEFT: r)
 * @param alpha the paths are scaled with alpha / rank (PEFT: lora_alpha)
 * @param dropout rate of the dropout before the paths (PEFT: lora_dropout)
 * @param rankStabilized scale with alpha / sqrt(rank) instead (PEFT: use_rslora; Kalajdzievski,
 *     2023)
 * @param layers the decoder layers, from 0, that get paths (PEFT: layers_to_transform); empty: all
 */
public record LoraConfig(
    List<String> targets,
    int rank,
    double alpha,
    double dropout,
    boolean rankStabilized,
    List<Integer> layers) {
  /** Copies the lists and checks the numbers. */
  public LoraConfig {
    targets = List.copyOf(targets);
    layers = List.copyOf(layers);
    if (targets.isEmpty()) {
      throw new AdapterException(
          "an adapter without targets: name linear layers, such as qkv_proj");
    }
    if (rank < 1) {
      throw new AdapterException("a rank of " + rank + ": it must be at least 1");
    }
    if (!(alpha >= Float.MIN_NORMAL && alpha <= Float.MAX_VALUE)) {
      throw new AdapterException(
          "an alpha of " + alpha + ": it must be above 0, and within float32");
    }
    if (!(dropout >= 0 && dropout < 1)) {
      throw new AdapterException("a dropout of " + dropout + ": it must be at least 0 and below 1");
    }
  }

  /**
   * Returns what a path's product is multiplied with.
   *
   * @return alpha / rank, or alpha / sqrt(rank)
   */
  public double scale() {
    return alpha / (rankStabilized ? Math.sqrt(rank) : rank);
  }

  /**
   * Counts the parameters of the paths, the head not included.
   *
   * @param model the model's shape
   * @return the count
   * @throws AdapterException if a target or a layer does not exist in the model
   */
  public long parameterCount(ModelConfig model) {
    return AdapterLayout.of(model, this).pathParameters();
  }
}
