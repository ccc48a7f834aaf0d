package io.github.lorascope.onnx;

import io.github.lorascope.decoder.LinearModule;
import io.github.lorascope.decoder.LowRankPair;
import io.github.lorascope.lora.MergedWeight;
import io.github.lorascope.tensor.Tensor;
import io.github.lorascope.weights.DenseWeight;
import io.github.lorascope.weights.Nf4;
import io.github.lorascope.weights.Nf4Weight;
import io.github.lorascope.weights.Weight;
import io.github.lorascope.weights.WeightForm;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The linear layers of a model, with the adapter's paths in their weights or beside them. Weights
 * keep their outputs as rows, so that they are written as they are read.
 */
final class LinearNodes {
  /** What MatMulBnb4 calls NF4. */
  private static final long NF4 = 1;

  private static final ProtoMessage TRANSPOSED = OnnxProto.attribute("transB", 1L);

  private final GraphBuilder graph;
  private final ModelWeights weights;
  private final OnnxForm form;
  private final boolean apart;

  LinearNodes(GraphBuilder graph, ModelWeights weights, OnnxForm form, boolean apart) {
    this.graph = graph;
    this.weights = weights;
    this.form = form;
    this.apart = apart;
  }

  /**
   * Adds one.
   *
   * @param x [rows, inputs]
   * @return [rows, outputs]
   */
  String apply(String x, int layer, LinearModule module) {
    graph.at(ModelWeights.prefix(layer) + module.path());
    Weight weight = weights.linear(layer, module);
    Optional<LowRankPair> path = weights.path(layer, module);
    String name = ModelWeights.prefix(layer) + module.path();
    String bias = module.bias() ? graph.numbers(name + ".bias", weights.bias(layer, module)) : null;
    String y;
    if (form == OnnxForm.NF4) {
      y = inFourBits(x, name, FourBitWeight.of(weight, false), bias);
    } else if (path.isPresent() && !apart) {
      y = dense(x, name, new MergedWeight(weight, path.get(), weights.scale()), bias);
    } else {
      y = dense(x, name, weight, bias);
    }
    return path.isPresent() && apart ? withPath(x, y, name, path.get()) : y;
  }

  private String dense(String x, String name, Weight weight, String bias) {
    String w =
        graph.tensor(
            name + ".weight",
            ElementType.FLOAT,
            TensorContent.rows(weight),
            weight.rows(),
            weight.columns());
    List<String> inputs = bias == null ? List.of(x, w) : List.of(x, w, bias);
    return graph.node("Gemm", inputs, TRANSPOSED);
  }

  private String inFourBits(String x, String name, Weight weight, String bias) {
    if (weight instanceof Nf4Weight stored && !Arrays.equals(stored.codebook(), Nf4.codebook())) {
      throw new OnnxException(
          weight.name()
              + ": its 4-bit codes mean other numbers than NF4's, which MatMulBnb4 knows alone;"
              + " export it in float32");
    }
    long elements = (long) weight.rows() * weight.columns();
    long bytes = (elements + 1) / 2;
    int blocks = Math.toIntExact((elements + Nf4.BLOCK - 1) / Nf4.BLOCK);
    Supplier<Nf4Weight> codes = () -> FourBitWeight.codes(weight);
    String packed =
        graph.tensor(name + ".weight", ElementType.UINT8, TensorContent.codes(codes, bytes), bytes);
    String scales =
        graph.tensor(
            name + ".absmax", ElementType.FLOAT, TensorContent.scales(codes, blocks), blocks);
    String y =
        graph.microsoft(
            "MatMulBnb4",
            List.of(x, packed, scales),
            OnnxProto.attribute("K", weight.columns()),
            OnnxProto.attribute("N", weight.rows()),
            OnnxProto.attribute("block_size", Nf4.BLOCK),
            OnnxProto.attribute("quant_type", NF4));
    return bias == null ? y : graph.node("Add", List.of(y, bias));
  }

  private String withPath(String x, String y, String name, LowRankPair path) {
    String down = matrix(name + ".lora_A.weight", path.a());
    String up = matrix(name + ".lora_B.weight", path.b());
    String inner = graph.node("Gemm", List.of(x, down), TRANSPOSED);
    return graph.node(
        "Gemm",
        List.of(inner, up, y),
        TRANSPOSED,
        OnnxProto.attribute("alpha", (float) weights.scale()));
  }

  /** The classification head: x [rows, hidden] to [rows, labels]. */
  String head(String x) {
    graph.at("score");
    return graph.node("Gemm", List.of(x, matrix("score.weight", weights.head())), TRANSPOSED);
  }

  private String matrix(String name, Tensor values) {
    return graph.tensor(
        name,
        ElementType.FLOAT,
        TensorContent.of(values.toArray()),
        values.rows(),
        values.columns());
  }

  /** The rows of the embedding as float32: ids [...] to [..., hidden]. */
  String embed(String ids) {
    graph.at("model.embed_tokens");
    Weight table = weights.embedding();
    ElementType type = ElementType.FLOAT;
    TensorContent content = TensorContent.rows(table);
    if (table instanceof DenseWeight dense && table.form() != WeightForm.F32) {
      type = table.form() == WeightForm.BF16 ? ElementType.BFLOAT16 : ElementType.FLOAT16;
      ByteBuffer stored = dense.data();
      content = TensorContent.of(stored);
    }
    String name =
        graph.tensor("model.embed_tokens.weight", type, content, table.rows(), table.columns());
    String rows = graph.gather(name, ids);
    return type == ElementType.FLOAT ? rows : graph.cast(rows, ElementType.FLOAT);
  }
}
