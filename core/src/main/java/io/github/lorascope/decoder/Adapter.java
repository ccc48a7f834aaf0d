package io.github.lorascope.decoder;

import io.github.lorascope.checkpoint.ModelConfig;
import io.github.lorascope.decoder.AdapterTensors.Site;
import io.github.lorascope.tensor.Tensor;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * LoRA paths and a head, as the decoder computes with them.
 *
 * @param values the matrices
 * @param scale what a path's product is multiplied with: alpha / rank, or alpha / sqrt(rank)
 */
public record Adapter(AdapterTensors values, double scale) {
  /**
   * Returns the same with the paths of one layer switched off.
   *
   * @param layer the decoder layer, from 0; one without paths changes nothing
   * @return the adapter, on the same parameters
   */
  public Adapter withoutLayer(int layer) {
    Map<Site, LowRankPair> others = new HashMap<>(values.paths());
    others.keySet().removeIf(site -> site.layer() == layer);
    return new Adapter(new AdapterTensors(others, values.head()), scale);
  }

  /**
   * Checks that it has the shape of a model's adapters.
   *
   * @param config the model's shape
   * @throws IllegalArgumentException if a path is at no linear layer of the model, or a matrix has
   *     another shape than it needs there
   */
  public void requireFit(ModelConfig config) {
    Map<String, LinearModule> modules =
        LinearModule.of(config).stream()
            .collect(Collectors.toMap(LinearModule::path, Function.identity()));
    values
        .paths()
        .forEach(
            (site, path) -> {
              LinearModule module = modules.get(site.module());
              if (module == null || site.layer() < 0 || site.layer() >= config.layers()) {
                throw ofAnother("a path at " + site.module() + " of layer " + site.layer(), config);
              }
              int rank = path.a().rows();
              requireShape(path.a(), rank, module.inputs(), () -> named("A", site), config);
              requireShape(path.b(), module.outputs(), rank, () -> named("B", site), config);
            });
    Tensor head = values.head();
    requireShape(head, head.rows(), config.hiddenSize(), () -> "the head", config);
  }

  private static String named(String matrix, Site site) {
    return matrix + " of " + site.module() + " of layer " + site.layer();
  }

  private static void requireShape(
      Tensor matrix, int rows, int columns, Supplier<String> what, ModelConfig config) {
    if (matrix.rows() != rows || matrix.columns() != columns) {
      String shape = "[" + matrix.rows() + ", " + matrix.columns() + "] for " + what.get();
      throw ofAnother(shape + " where [" + rows + ", " + columns + "] is needed", config);
    }
  }

  private static IllegalArgumentException ofAnother(String what, ModelConfig config) {
    return new IllegalArgumentException(
        "the adapter is of another model: it has "
            + what
            + ", which does not fit this "
            + config.type().configName()
            + " model of "
            + config.layers()
            + " layers");
  }

  /**
   * Returns the head alone.
   *
   * @return an adapter without paths, on the same head
   */
  public Adapter headOnly() {
    return new Adapter(new AdapterTensors(Map.of(), values.head()), scale);
  }

  /**
   * Identifies it by its numbers as they are now, wherever they came from.
   *
   * @return SHA-256 of the scale and of every matrix with its place, 64 hexadecimal digits; the
   *     same for an adapter that was saved and loaded again
   */
  public String sha256() {
    return AdapterDigest.of(this);
  }
}
