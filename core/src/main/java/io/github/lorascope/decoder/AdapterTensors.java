package io.github.lorascope.decoder;

import io.github.lorascope.tensor.Tensor;
import java.util.Map;
import java.util.Objects;

/**
 * What is trained beside a frozen decoder, or its gradients in the same arrangement.
 *
 * @param paths the LoRA paths by where they are
 * @param head weight of the classification head [labels, hidden]
 */
public record AdapterTensors(Map<Site, LowRankPair> paths, Tensor head) {
  /** Copies the map. */
  public AdapterTensors {
    paths = Map.copyOf(paths);
    Objects.requireNonNull(head, "head");
  }

  /**
   * Where a LoRA path is.
   *
   * @param layer the decoder layer, from 0
   * @param module path of the linear layer within it, such as {@code self_attn.qkv_proj}
   */
  public record Site(int layer, String module) {}

  LowRankPair at(int layer, String module) {
    return paths.get(new Site(layer, module));
  }

  /** The first layer with a path, or the number of layers if there is none. */
  int lowestLayer(int layers) {
    return paths.keySet().stream().mapToInt(Site::layer).min().orElse(layers);
  }
}
