package io.github.lorascope.tap;

import io.github.lorascope.checkpoint.ModelConfig;
import io.github.lorascope.decoder.AdapterTensors;
import io.github.lorascope.decoder.AdapterTensors.Site;
import io.github.lorascope.decoder.LowRankPair;
import io.github.lorascope.lora.LoraAdapter;
import io.github.lorascope.tensor.Tensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Where the numbers of an adapter's layers and of its head lie in buffers of its arrangement.
 *
 * @param layers the layers that have paths, ascending
 * @param head the classification head
 */
record AdapterBlocks(List<Layer> layers, Block head) {

  /**
   * One layer.
   *
   * @param index the decoder layer, from 0
   * @param paths its paths, in the order of their names
   */
  record Layer(int index, List<Path> paths) {}

  /**
   * One path.
   *
   * @param parameters its matrices, as they are trained
   * @param a all of A
   * @param b all of B
   * @param q the rows of B that give queries; empty if it has none
   * @param k the rows of B that give keys
   * @param v the rows of B that give values
   */
  record Path(
      LowRankPair parameters,
      Block a,
      Block b,
      Optional<Block> q,
      Optional<Block> k,
      Optional<Block> v) {}

  static AdapterBlocks of(LoraAdapter adapter) {
    AdapterTensors tensors = adapter.view().values();
    Tensor buffer = adapter.parameters();
    Map<Integer, List<Path>> layers = new TreeMap<>();
    tensors.paths().keySet().stream()
        .sorted(Comparator.comparing(Site::module))
        .forEach(
            site ->
                layers
                    .computeIfAbsent(site.layer(), layer -> new ArrayList<>())
                    .add(
                        path(
                            site.module(),
                            tensors.paths().get(site),
                            buffer,
                            adapter.decoder().config())));
    return new AdapterBlocks(
        layers.entrySet().stream().map(e -> new Layer(e.getKey(), e.getValue())).toList(),
        Block.of(tensors.head(), buffer));
  }

  private static Path path(String module, LowRankPair path, Tensor buffer, ModelConfig shape) {
    Tensor b = path.b();
    Block all = Block.of(b, buffer);
    Optional<Block> q = Optional.empty();
    Optional<Block> k = Optional.empty();
    Optional<Block> v = Optional.empty();
    switch (module.substring(module.lastIndexOf('.') + 1)) {
      case "qkv_proj" -> {
        int keys = shape.queryWidth();
        int values = keys + shape.keyValueWidth();
        q = Optional.of(Block.of(b.rows(0, keys), buffer));
        k = Optional.of(Block.of(b.rows(keys, values), buffer));
        v = Optional.of(Block.of(b.rows(values, b.rows()), buffer));
      }
      case "q_proj" -> q = Optional.of(all);
      case "k_proj" -> k = Optional.of(all);
      case "v_proj" -> v = Optional.of(all);
      default -> {}
    }
    return new Path(path, Block.of(path.a(), buffer), all, q, k, v);
  }
}
