package io.github.lorascope.decoder;

import io.github.lorascope.backend.AttentionShape;
import io.github.lorascope.backend.Backend;
import io.github.lorascope.backend.LowRank;
import io.github.lorascope.checkpoint.ModelConfig;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One layer: {@code m = x + o(attention(qkv(norm1(x))))}, {@code y = m +
 * down(swiGlu(gateUp(norm2(m))))}. Its backward pass is {@link LayerBackward}.
 */
record DecoderLayer(
    int index,
    Tensor gain1,
    List<LayerPart> qkv,
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
      Tensor normed = scratch.tensor(x.rows(), config.hiddenSize());
      backend.rmsNorm(x, gain1, config.rmsNormEpsilon(), normed, inverse1);
      Tensor asked = lastOnly ? select(backend, normed, pass, scratch) : normed;
      AttentionTensors attention = AttentionTensors.of(asking, x.rows(), config, memory);
      for (LayerPart part : qkv) {
        Tensor in = attention.forQueries(part) ? asked : normed;
        linear(backend, pass, memory, paths, part, in, attention.of(part));
      }
      int[] askingPositions = lastOnly ? pass.lastPositions() : pass.positions();
      pass.rope().rotate(backend, attention.q(), config.headDimension(), askingPositions);
      pass.rope().rotate(backend, attention.k(), config.headDimension(), pass.positions());
      AttentionShape shape = pass.attention(index, lastOnly);
      Tensor attended = memory.tensor(asking, attention.q().columns());
      Tensor seen = pass.seen(backend, attention.keysValues(), scratch);
      int width = config.keyValueWidth();
      Tensor keys = seen.columns(0, width);
      Tensor values = seen.columns(width, 2 * width);
      backend.attention(attention.q(), keys, values, shape, attended);

      Tensor middle = memory.tensor(asking, config.hiddenSize());
      linear(backend, pass, memory, paths, output, attended, middle);
      backend.add(lastOnly ? select(backend, x, pass, scratch) : x, middle);

      Tensor inverse2 = memory.tensor(asking, 1);
      Tensor normed2 = scratch.tensor(asking, config.hiddenSize());
      backend.rmsNorm(middle, gain2, config.rmsNormEpsilon(), normed2, inverse2);
      Tensor gateUpOut = memory.tensor(asking, 2 * config.intermediateSize());
      for (LayerPart part : gateUp) {
        linear(backend, pass, memory, paths, part, normed2, part.columnsOf(gateUpOut));
      }
      Tensor inner = scratch.tensor(asking, config.intermediateSize());
      swiGlu(backend, gateUpOut, inner);
      Tensor out = memory.tensor(asking, config.hiddenSize());
      linear(backend, pass, memory, paths, down, inner, out);
      backend.add(middle, out);
      return new LayerTape(
          memory, x, inverse1, attention, shape, attended, middle, inverse2, gateUpOut, paths, out);
    } catch (RuntimeException | Error e) {
      memory.close();
      throw e;
    }
  }

  static void swiGlu(Backend backend, Tensor gateUp, Tensor y) {
    int inner = y.columns();
    backend.swiGlu(gateUp.columns(0, inner), gateUp.columns(inner, 2 * inner), y);
  }

  private static Tensor select(Backend backend, Tensor x, PassContext pass, MemoryScope memory) {
    Tensor last = memory.tensor(pass.lastTokens().length, x.columns());
    backend.selectRows(x, pass.lastTokens(), last);
    return last;
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
