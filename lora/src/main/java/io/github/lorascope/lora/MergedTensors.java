package io.github.lorascope.lora;

import io.github.lorascope.checkpoint.Checkpoint;
import io.github.lorascope.checkpoint.ModelConfig;
import io.github.lorascope.decoder.AdapterTensors.Site;
import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.decoder.LinearModule;
import io.github.lorascope.decoder.LowRankPair;
import io.github.lorascope.tensor.Tensor;
import io.github.lorascope.weights.DenseWeight;
import io.github.lorascope.weights.Weight;
import io.github.lorascope.weights.WeightForm;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** All tensors of a merged model, in the order of their layers. */
final class MergedTensors {
  private static final String EMBEDDING = "model.embed_tokens.weight";

  private final LoraAdapter adapter;
  private final Decoder decoder;
  private final ModelConfig config;
  private final Checkpoint checkpoint;
  private final MergeBase base;
  private final List<MergedTensor> tensors = new ArrayList<>();

  private MergedTensors(LoraAdapter adapter, Checkpoint checkpoint, MergeBase base) {
    this.adapter = adapter;
    this.decoder = adapter.decoder();
    this.config = decoder.config();
    this.checkpoint = checkpoint;
    this.base = base;
  }

  static List<MergedTensor> of(LoraAdapter adapter, Checkpoint checkpoint, MergeBase base) {
    MergedTensors merged = new MergedTensors(adapter, checkpoint, base);
    merged.requireBase();
    merged.collect();
    return List.copyOf(merged.tensors);
  }

  private void requireBase() {
    if (base == MergeBase.DEQUANTIZED && MergeBase.asHeldBy(decoder) != base) {
      throw new MergeException(
          checkpoint.path()
              + " is held as "
              + decoder.options().quantization()
              + ", and nothing of it is quantized: load it as it was when the adapter was trained,"
              + " such as in nf4-double, or merge into the checkpoint's own weights"
              + " (MergeBase.CHECKPOINT)");
    }
    for (int layer = 0; layer < config.layers(); layer++) {
      for (LinearModule module : LinearModule.of(config)) {
        String name = name(layer, module, "weight");
        WeightForm stored = checkpoint.form(name);
        if (base == MergeBase.CHECKPOINT && MergeBase.isQuantized(stored)) {
          throw new MergeException(
              checkpoint.path()
                  + " stores "
                  + name
                  + " quantized ("
                  + stored
                  + "), so it has no 16-bit weights to merge into: merge into the dequantized ones"
                  + " (MergeBase.DEQUANTIZED), or load the model that it was quantized from");
        }
      }
    }
  }

  private void collect() {
    int hidden = config.hiddenSize();
    matrix(EMBEDDING, config.vocabularySize(), hidden);
    for (int layer = 0; layer < config.layers(); layer++) {
      String prefix = "model.layers." + layer + ".";
      vector(prefix + "input_layernorm.weight", hidden);
      if (config.queryKeyNorm()) {
        vector(prefix + "self_attn.q_norm.weight", config.headDimension());
        vector(prefix + "self_attn.k_norm.weight", config.headDimension());
      }
      vector(prefix + "post_attention_layernorm.weight", hidden);
      for (LinearModule module : LinearModule.of(config)) {
        linear(layer, module);
      }
    }
    vector("model.norm.weight", hidden);
    Tensor head = adapter.view().values().head();
    String score = "score.weight";
    add(
        MergedTensor.matrix(
            score,
            head.rows(),
            head.columns(),
            () -> DenseWeight.of(score, head.rows(), head.columns(), head.toArray())));
  }

  private void linear(int layer, LinearModule module) {
    String name = name(layer, module, "weight");
    LowRankPair pair = adapter.view().values().paths().get(new Site(layer, module.path()));
    Supplier<Weight> frozen =
        base == MergeBase.DEQUANTIZED
            ? () -> decoder.weight(layer, module.path())
            : () -> checkpoint.matrix(name, module.outputs(), module.inputs());
    add(
        MergedTensor.matrix(
            name,
            module.outputs(),
            module.inputs(),
            pair == null
                ? frozen
                : () -> new MergedWeight(frozen.get(), pair, adapter.view().scale())));
    if (module.bias()) {
      vector(name(layer, module, "bias"), module.outputs());
    }
  }

  private static String name(int layer, LinearModule module, String what) {
    return "model.layers." + layer + "." + module.path() + "." + what;
  }

  private void matrix(String name, int rows, int columns) {
    add(MergedTensor.matrix(name, rows, columns, () -> checkpoint.matrix(name, rows, columns)));
  }

  private void vector(String name, int size) {
    add(MergedTensor.vector(name, size, () -> checkpoint.vector(name, size)));
  }

  private void add(MergedTensor tensor) {
    tensors.add(tensor);
  }
}
