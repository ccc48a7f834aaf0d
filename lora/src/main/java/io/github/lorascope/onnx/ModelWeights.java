package io.github.lorascope.onnx;

import io.github.lorascope.checkpoint.Checkpoint;
import io.github.lorascope.checkpoint.ModelConfig;
import io.github.lorascope.decoder.Adapter;
import io.github.lorascope.decoder.AdapterTensors.Site;
import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.decoder.LinearModule;
import io.github.lorascope.decoder.LowRankPair;
import io.github.lorascope.decoder.Quantization;
import io.github.lorascope.rerank.Reranker;
import io.github.lorascope.tensor.Tensor;
import io.github.lorascope.weights.Weight;
import io.github.lorascope.weights.WeightForm;
import java.nio.file.Path;
import java.util.Optional;

/** What a reranker computes with, read from its checkpoint once more and from its adapter. */
final class ModelWeights {
  private final Checkpoint checkpoint;
  private final Quantization quantization;
  private final Adapter adapter;
  private final Tensor head;

  private ModelWeights(
      Checkpoint checkpoint, Quantization quantization, Adapter adapter, Tensor head) {
    this.checkpoint = checkpoint;
    this.quantization = quantization;
    this.adapter = adapter;
    this.head = head;
  }

  static ModelWeights of(Reranker reranker) {
    Decoder decoder = reranker.decoder();
    Path path =
        decoder
            .folder()
            .orElseThrow(() -> new OnnxException("a model of random weights is not exported"));
    Adapter adapter = reranker.adapter().orElse(null);
    Tensor head =
        reranker
            .adapter()
            .map(a -> a.values().head())
            .or(decoder::score)
            .orElseThrow(
                () ->
                    new OnnxException(
                        path
                            + " has no classification head (score.weight): export it with an"
                            + " adapter, which brings one, or as a zero-shot reranker"));
    return new ModelWeights(Checkpoint.open(path), decoder.options().quantization(), adapter, head);
  }

  ModelConfig config() {
    return checkpoint.config();
  }

  /** The embedding [vocabulary, hidden], as it is stored. */
  Weight embedding() {
    ModelConfig config = config();
    return checkpoint.matrix(
        "model.embed_tokens.weight", config.vocabularySize(), config.hiddenSize());
  }

  /** The weight of a linear layer in the form that the decoder holds it in. */
  Weight linear(int layer, LinearModule module) {
    Weight weight =
        checkpoint.matrix(
            prefix(layer) + module.path() + ".weight", module.outputs(), module.inputs());
    return switch (quantization) {
      case STORED, F32 -> weight;
      case BF16 -> weight.form() == WeightForm.BF16 ? weight : new RoundedWeight(weight);
      case NF4 -> FourBitWeight.of(weight, false);
      case NF4_DOUBLE -> FourBitWeight.of(weight, true);
    };
  }

  /** The LoRA path on a linear layer. */
  Optional<LowRankPair> path(int layer, LinearModule module) {
    return Optional.ofNullable(adapter)
        .map(a -> a.values().paths().get(new Site(layer, module.path())));
  }

  /** What the paths are multiplied with. */
  double scale() {
    return adapter == null ? 0 : adapter.scale();
  }

  float[] bias(int layer, LinearModule module) {
    return checkpoint.vector(prefix(layer) + module.path() + ".bias", module.outputs());
  }

  /** A vector of a layer, such as the gain of a norm. */
  float[] vector(int layer, String name, int size) {
    return checkpoint.vector(prefix(layer) + name, size);
  }

  float[] finalGain() {
    return checkpoint.vector("model.norm.weight", config().hiddenSize());
  }

  /** The head [labels, hidden]. */
  Tensor head() {
    return head;
  }

  static String prefix(int layer) {
    return "model.layers." + layer + ".";
  }
}
