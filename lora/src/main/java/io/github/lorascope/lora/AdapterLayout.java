package io.github.lorascope.lora;

import io.github.lorascope.checkpoint.ModelConfig;
import io.github.lorascope.decoder.AdapterTensors;
import io.github.lorascope.decoder.AdapterTensors.Site;
import io.github.lorascope.decoder.LinearModule;
import io.github.lorascope.decoder.LowRankPair;
import io.github.lorascope.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Where each matrix of an adapter lies in the one buffer that holds them all: A and B of every
 * path, layer by layer, then the head.
 */
record AdapterLayout(List<Path> paths, int rank, long headOffset, int labels, int hidden) {
  private static final String ALL = "all-linear";
  private static final int LABELS = 2;

  /** One LoRA path; A starts at offset and B follows it. */
  record Path(Site site, LinearModule module, long offset) {
    long offsetB(int rank) {
      return offset + (long) rank * module.inputs();
    }

    /**
     * Its name in PEFT's files, to which {@code .lora_A.weight} or {@code .lora_B.weight} is added.
     */
    String key() {
      return "base_model.model.model.layers." + site.layer() + "." + site.module();
    }
  }

  /** Places the matrices that a new adapter asks for. */
  static AdapterLayout of(ModelConfig model, LoraConfig config) {
    return of(model, config, true);
  }

  /**
   * The same of a finished one: PEFT leaves alone what no layer is named, if it finds any other.
   */
  static AdapterLayout stored(ModelConfig model, LoraConfig config) {
    return of(model, config, false);
  }

  private static AdapterLayout of(ModelConfig model, LoraConfig config, boolean everyTarget) {
    List<LinearModule> modules = LinearModule.of(model);
    checkLayers(model, config);
    TreeSet<String> unmatched = new TreeSet<>(config.targets());
    List<Path> paths = new ArrayList<>();
    long offset = 0;
    for (int layer = 0; layer < model.layers(); layer++) {
      if (!config.layers().isEmpty() && !config.layers().contains(layer)) {
        continue;
      }
      for (LinearModule module : modules) {
        List<String> matching = matching(config, layer, module);
        if (!matching.isEmpty()) {
          unmatched.removeAll(matching);
          paths.add(new Path(new Site(layer, module.path()), module, offset));
          offset += (long) config.rank() * (module.inputs() + module.outputs());
        }
      }
    }
    if (!unmatched.isEmpty() && (everyTarget || paths.isEmpty())) {
      throw new AdapterException(
          "no linear layer of this "
              + model.type().configName()
              + " model is named "
              + String.join(", ", unmatched)
              + "; there are "
              + modules.stream().map(LinearModule::name).collect(Collectors.joining(", ")));
    }
    return new AdapterLayout(paths, config.rank(), offset, LABELS, model.hiddenSize());
  }

  /** As PEFT matches: a target is a module's whole name or its end after a dot. */
  private static List<String> matching(LoraConfig config, int layer, LinearModule module) {
    String name = ".model.layers." + layer + "." + module.path();
    return config.targets().stream().filter(t -> t.equals(ALL) || name.endsWith("." + t)).toList();
  }

  private static void checkLayers(ModelConfig model, LoraConfig config) {
    config.layers().forEach(layer -> checkLayer(model, layer));
  }

  static void checkLayer(ModelConfig model, int layer) {
    if (layer < 0 || layer >= model.layers()) {
      throw new AdapterException(
          "layer " + layer + " of a model with the layers 0 to " + (model.layers() - 1));
    }
  }

  /** The targets by name: what all-linear stands for is spelled out. */
  List<String> targets(LoraConfig config) {
    return config.targets().contains(ALL)
        ? paths.stream().map(path -> path.module().name()).distinct().toList()
        : config.targets();
  }

  long pathParameters() {
    return headOffset;
  }

  /** All numbers of the buffer. */
  int size() {
    long size = headOffset + (long) labels * hidden;
    if (size > Integer.MAX_VALUE) {
      throw new AdapterException(
          "an adapter of "
              + size
              + " parameters, more than one buffer holds: lower the rank or name fewer targets");
    }
    return (int) size;
  }

  Tensor a(Tensor buffer, Path path) {
    return Tensor.of(
        buffer.storage(), buffer.offset() + path.offset(), rank, path.module().inputs());
  }

  Tensor b(Tensor buffer, Path path) {
    return Tensor.of(
        buffer.storage(), buffer.offset() + path.offsetB(rank), path.module().outputs(), rank);
  }

  Tensor head(Tensor buffer) {
    return Tensor.of(buffer.storage(), buffer.offset() + headOffset, labels, hidden);
  }

  /** Sees a buffer [1, size] as the matrices that lie in it. */
  AdapterTensors view(Tensor buffer) {
    Map<Site, LowRankPair> pairs = new HashMap<>();
    for (Path path : paths) {
      pairs.put(path.site(), new LowRankPair(a(buffer, path), b(buffer, path)));
    }
    return new AdapterTensors(pairs, head(buffer));
  }

  /** The matrices of a buffer by their names in PEFT's files. */
  Map<String, Tensor> named(Tensor buffer) {
    Map<String, Tensor> named = new java.util.LinkedHashMap<>();
    for (Path path : paths) {
      named.put(path.key() + ".lora_A.weight", a(buffer, path));
      named.put(path.key() + ".lora_B.weight", b(buffer, path));
    }
    named.put(PeftFiles.HEAD, head(buffer));
    return named;
  }
}
