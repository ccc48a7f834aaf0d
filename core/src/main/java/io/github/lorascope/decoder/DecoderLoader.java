package io.github.lorascope.decoder;

import io.github.lorascope.backend.Backend;
import io.github.lorascope.backend.BackendWeight;
import io.github.lorascope.checkpoint.ModelConfig;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;
import io.github.lorascope.weights.Weight;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Builds a decoder from named weights, one matrix at a time. */
final class DecoderLoader {
  private static final String SCORE = "score.weight";
  private static final int LABELS = 2;

  private final WeightSource source;
  private final ModelConfig config;
  private final LoadOptions options;
  private final Backend backend;
  private final MemoryScope memory;

  private DecoderLoader(
      WeightSource source, LoadOptions options, Backend backend, MemoryScope memory) {
    this.source = source;
    this.config = source.config();
    this.options = options;
    this.backend = backend;
    this.memory = memory;
  }

  static Decoder load(
      WeightSource source, Path folder, LoadOptions options, Backend backend, boolean ownsBackend) {
    MemoryScope memory = backend.scope("the weights of the model");
    try {
      return new DecoderLoader(source, options, backend, memory).build(folder, ownsBackend);
    } catch (RuntimeException | Error e) {
      memory.close();
      if (ownsBackend) {
        backend.close();
      }
      throw e;
    }
  }

  private Decoder build(Path folder, boolean ownsBackend) {
    Weight table =
        source.matrix("model.embed_tokens.weight", config.vocabularySize(), config.hiddenSize());
    List<DecoderLayer> layers = new ArrayList<>();
    for (int i = 0; i < config.layers(); i++) {
      layers.add(layer(i));
    }
    Tensor score = null;
    if (source.has(SCORE)) {
      score =
          memory.tensor(
              LABELS,
              config.hiddenSize(),
              floats(source.matrix(SCORE, LABELS, config.hiddenSize())));
    }
    return new Decoder(
        config,
        folder,
        options,
        backend,
        ownsBackend,
        memory,
        backend.prepare(table, options.precision(), memory),
        layers,
        vector("model.norm.weight", config.hiddenSize()),
        score);
  }

  private DecoderLayer layer(int index) {
    String prefix = "model.layers." + index + ".";
    List<LinearModule> modules = LinearModule.of(config);
    List<LayerPart> qkv = new ArrayList<>();
    List<LayerPart> gateUp = new ArrayList<>();
    LayerPart output = null;
    LayerPart down = null;
    for (LinearModule module : modules) {
      Weight weight =
          converted(
              source.matrix(prefix + module.path() + ".weight", module.outputs(), module.inputs()));
      float[] bias =
          module.bias() ? source.vector(prefix + module.path() + ".bias", module.outputs()) : null;
      switch (module.name()) {
        case "o_proj" -> output = part(module, weight, bias, 0, module.outputs(), 0);
        case "down_proj" -> down = part(module, weight, bias, 0, module.outputs(), 0);
        case "gate_up_proj", "gate_proj", "up_proj" ->
            gateUp.add(part(module, weight, bias, 0, module.outputs(), width(gateUp)));
        default -> attentionParts(module, weight, bias, index, qkv);
      }
    }
    return new DecoderLayer(
        index,
        vector(prefix + "input_layernorm.weight", config.hiddenSize()),
        List.copyOf(qkv),
        config.queryKeyNorm() ? headNorms(prefix + "self_attn.") : null,
        output,
        vector(prefix + "post_attention_layernorm.weight", config.hiddenSize()),
        List.copyOf(gateUp),
        down);
  }

  private Weight converted(Weight stored) {
    Weight weight = options.quantization().apply(stored, backend);
    if (weight != stored) {
      backend.count(weight, memory);
    }
    return weight;
  }

  private HeadNorms headNorms(String prefix) {
    int width = config.headDimension();
    return new HeadNorms(
        vector(prefix + "q_norm.weight", width), vector(prefix + "k_norm.weight", width));
  }

  /**
   * The last layer asks for last tokens alone, so a fused projection is held there as queries and
   * the rest.
   */
  private void attentionParts(
      LinearModule module, Weight weight, float[] bias, int layer, List<LayerPart> parts) {
    int queries = config.queryWidth();
    boolean divided = layer == config.layers() - 1 && module.outputs() > queries;
    if (divided) {
      parts.add(part(module, weight, bias, 0, queries, 0));
      parts.add(part(module, weight, bias, queries, module.outputs(), queries));
    } else {
      parts.add(part(module, weight, bias, 0, module.outputs(), width(parts)));
    }
  }

  private LayerPart part(
      LinearModule module, Weight weight, float[] bias, int from, int to, int column) {
    BackendWeight prepared = backend.prepare(weight.rows(from, to), options.precision(), memory);
    Tensor rows = bias == null ? null : memory.tensor(1, bias.length, bias).columns(from, to);
    return new LayerPart(module.path(), from, prepared, rows, column);
  }

  private static int width(List<LayerPart> parts) {
    return parts.stream().mapToInt(LayerPart::outputs).sum();
  }

  private Tensor vector(String name, int size) {
    return memory.tensor(1, size, source.vector(name, size));
  }

  private static float[] floats(Weight weight) {
    float[] values = new float[weight.rows() * weight.columns()];
    weight.read(0, weight.rows(), values, 0);
    return values;
  }
}
