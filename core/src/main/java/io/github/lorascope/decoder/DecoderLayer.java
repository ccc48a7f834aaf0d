package io.github.lorascope.decoder;

import io.github.lorascope.backend.AttentionShape;
import io.github.lorascope.backend.Backend;
import io.github.lorascope.backend.LowRank;
import io.github.lorascope.checkpoint.ModelConfig;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;
import io.github.lorascope.weights.Weight;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * One layer: {@code m = x + o(attention(qkv(norm1(x))))}, {@code y = m +
 * down(swiGlu(gateUp(norm2(m))))}. Its backward pass is {@link LayerBackward}.
 *
 * @param headNorms norms of queries and keys, or null where the model has none
 */
record DecoderLayer(
    int index,
    Tensor gain1,
    List<LayerPart> qkv,
    HeadNorms headNorms,
    LayerPart output,
    Tensor gain2,
    List<LayerPart> gateUp,
    LayerPart down) {

  /**
   * Computes the layer.
   *
   * @param x the residual stream [tokens, hidden]
   * @param lastOnly whether only each sequence's last token is passed on; keys and values are those
   *     of all tokens
   */
  LayerTape forward(Backend backend, PassContext pass, Tensor x, boolean lastOnly) {
    ModelConfig config = pass.config();
    int asking = lastOnly ? pass.batch().sequences() : x.rows();
    Map<LayerPart, LowRank> paths = new HashMap<>();
    MemoryScope memory = backend.scope("the activations of layer " + index);
    try (MemoryScope scratch = backend.scope("the work space of layer " + index)) {
      Tensor inverse1 = memory.tensor(x.rows(), 1);
      Tensor normed = pass.activations(x.rows(), config.hiddenSize(), scratch);
      backend.rmsNorm(x, gain1, config.rmsNormEpsilon(), normed, inverse1);
      Tensor asked = normed;
      Tensor residual = x;
      if (lastOnly) {
        asked = pass.activations(asking, config.hiddenSize(), scratch);
        backend.selectRows(normed, pass.lastTokens(), asked);
        residual = scratch.tensor(asking, config.hiddenSize());
        backend.selectRows(x, pass.lastTokens(), residual);
      }
      AttentionTensors projected = AttentionTensors.of(asking, x.rows(), pass, memory);
      for (LayerPart part : qkv) {
        Tensor in = projected.forQueries(part) ? asked : normed;
        linear(backend, pass, memory, paths, part, in, projected.of(part));
      }
      AttentionTensors attention = projected;
      HeadNorms.Tape heads = null;
      if (headNorms != null) {
        heads = HeadNorms.Tape.of(projected, pass, memory);
        attention = headNorms.forward(backend, pass, heads, memory);
      }
      int[] askingPositions = lastOnly ? pass.lastPositions() : pass.positions();
      pass.rope().rotate(backend, attention.q(), config.headDimension(), askingPositions);
      pass.rope().rotate(backend, attention.k(), config.headDimension(), pass.positions());
      AttentionShape shape = pass.attention(index, lastOnly);
      Tensor attended = pass.activations(asking, attention.q().columns(), memory);
      Tensor seen = pass.seen(backend, attention.keysValues(), scratch);
      int width = config.keyValueWidth();
      Tensor keys = seen.columns(0, width);
      Tensor values = seen.columns(width, 2 * width);
      backend.attention(attention.q(), keys, values, shape, attended);

      Tensor branch = pass.activations(asking, config.hiddenSize(), scratch);
      linear(backend, pass, memory, paths, output, attended, branch);
      Tensor middle = memory.tensor(asking, config.hiddenSize());
      Tensor inverse2 = memory.tensor(asking, 1);
      Tensor normed2 = pass.activations(asking, config.hiddenSize(), scratch);
      backend.addRmsNorm(
          branch, residual, gain2, config.rmsNormEpsilon(), middle, normed2, inverse2);

      Tensor gateUpOut = pass.activations(asking, 2 * config.intermediateSize(), memory);
      for (LayerPart part : gateUp) {
        linear(backend, pass, memory, paths, part, normed2, part.columnsOf(gateUpOut));
      }
      Tensor inner = pass.activations(asking, config.intermediateSize(), scratch);
      swiGlu(backend, gateUpOut, inner);
      linear(backend, pass, memory, paths, down, inner, branch);
      Tensor out = memory.tensor(asking, config.hiddenSize());
      backend.add(branch, middle, out);
      return new LayerTape(
          memory, x, inverse1, heads, attention, shape, attended, middle, inverse2, gateUpOut,
          paths, out);
    } catch (RuntimeException | Error e) {
      memory.close();
      throw e;
    }
  }

  /** The weight of a linear layer, put together where its rows are held in parts. */
  Weight weight(String module) {
    List<Weight> parts =
        Stream.of(qkv, List.of(output), gateUp, List.of(down))
            .flatMap(List::stream)
            .filter(part -> part.module().equals(module))
            .sorted(Comparator.comparingInt(LayerPart::firstRow))
            .map(part -> part.weight().weight())
            .toList();
    if (parts.isEmpty()) {
      throw new IllegalArgumentException("a decoder layer has no linear layer " + module);
    }
    return parts.size() == 1 ? parts.get(0) : new JoinedRows(parts);
  }

  static void swiGlu(Backend backend, Tensor gateUp, Tensor y) {
    int inner = y.columns();
    backend.swiGlu(gateUp.columns(0, inner), gateUp.columns(inner, 2 * inner), y);
  }

  private void linear(
      Backend backend,
      PassContext pass,
      MemoryScope memory,
      Map<LayerPart, LowRank> paths,
      LayerPart part,
      Tensor x,
      Tensor y) {
    LowRank path = pass.path(index, part, x.rows(), memory);
    if (path != null) {
      paths.put(part, path);
    }
    backend.linear(x, part.weight(), part.bias(), path, y);
  }
}
