package io.github.lorascope.decoder;

import io.github.lorascope.backend.Backend;
import io.github.lorascope.backend.BackendException;
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
    if (config.headDimension() > backend.maxHeadDimension()) {
      throw new BackendException(
          "the backend "
              + backend.name()
              + " has heads of at most "
              + backend.maxHeadDimension()
              + " numbers, and the model's have "
              + config.headDimension()
              + ": use the backend 'onednn'");
    }
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
      // neither a GGUF file nor random weights have a head
      HeadLabels.check(folder.resolve("config.json"));
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
        score,
        LanguageHead.of(source, table, memory));
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
        case "gate_up_proj", "gate_proj", "up_proj" -> {
          boolean apart = backend.gateUpApart();
          add(module, weight, bias, apart ? config.intermediateSize() : module.outputs(), gateUp);
        }
        default -> {
          // the last layer asks for last tokens alone
          boolean apart = index == config.layers() - 1;
          add(module, weight, bias, apart ? config.queryWidth() : module.outputs(), qkv);
        }
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
   * Adds a linear layer to those that share an output.
   *
   * @param first how many of its rows are held as a part of their own if it has more
   */
  private void add(
      LinearModule module, Weight weight, float[] bias, int first, List<LayerPart> parts) {
    int column = width(parts);
    int end = Math.min(first, module.outputs());
    parts.add(part(module, weight, bias, 0, end, column));
    if (end < module.outputs()) {
      parts.add(part(module, weight, bias, end, module.outputs(), column + end));
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
