package io.github.lorascope.decoder;

import io.github.lorascope.checkpoint.ModelConfig;
import java.util.List;

/**
 * A linear layer that every decoder layer has, and that an adapter can be put on.
 *
 * @param path where it stands within its layer, such as {@code self_attn.qkv_proj}
 * @param outputs rows of its weight
 * @param inputs columns of its weight
 * @param bias whether it has a bias
 */
public record LinearModule(String path, int outputs, int inputs, boolean bias) {
  /**
   * Returns its name without the block it stands in.
   *
   * @return the name, such as {@code qkv_proj}
   */
  public String name() {
    return path.substring(path.lastIndexOf('.') + 1);
  }

  /**
   * Lists the linear layers of a model's decoder layer, in the order they are computed.
   *
   * @param config the model's shape
   * @return the modules
   */
  public static List<LinearModule> of(ModelConfig config) {
    int hidden = config.hiddenSize();
    int queries = config.queryWidth();
    int keys = config.keyValueWidth();
    int inner = config.intermediateSize();
    LinearModule output =
        new LinearModule("self_attn.o_proj", hidden, queries, config.outputBias());
    LinearModule down = new LinearModule("mlp.down_proj", hidden, inner, config.mlpBias());
    if (config.type().fused()) {
      return List.of(
          new LinearModule(
              "self_attn.qkv_proj", queries + 2 * keys, hidden, config.queryKeyValueBias()),
          output,
          new LinearModule("mlp.gate_up_proj", 2 * inner, hidden, config.mlpBias()),
          down);
    }
    return List.of(
        new LinearModule("self_attn.q_proj", queries, hidden, config.queryKeyValueBias()),
        new LinearModule("self_attn.k_proj", keys, hidden, config.queryKeyValueBias()),
        new LinearModule("self_attn.v_proj", keys, hidden, config.queryKeyValueBias()),
        output,
        new LinearModule("mlp.gate_proj", inner, hidden, config.mlpBias()),
        new LinearModule("mlp.up_proj", inner, hidden, config.mlpBias()),
        down);
  }
}
