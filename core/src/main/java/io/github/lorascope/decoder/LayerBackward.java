package io.github.lorascope.decoder;

import io.github.lorascope.backend.Backend;
import io.github.lorascope.backend.LowRank;
import io.github.lorascope.backend.LowRankGradient;
import io.github.lorascope.checkpoint.ModelConfig;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;
import java.util.List;

/** The backward pass of {@link DecoderLayer}, from the last operation to the first. */
record LayerBackward(Backend backend, PassContext pass, AdapterTensors gradients) {

  /**
   * Goes back through a layer; what its tape holds is used up.
   *
   * @param d the gradient of the layer's output [asking, hidden]; used up too
   * @param lowest whether no layer below is trained, so that the gradient of the input is not
   *     needed
   * @param memory where the result is made if it has another shape than d
   * @return the gradient of the layer's input [tokens, hidden], or null if lowest
   */
  Tensor run(DecoderLayer layer, LayerTape tape, Tensor d, boolean lowest, MemoryScope memory) {
    ModelConfig config = pass.config();
    boolean lastOnly = tape.middle().rows() != tape.input().rows();
    try (MemoryScope scratch = backend.scope("the gradients of layer " + layer.index())) {
      mlp(layer, tape, d, scratch);

      Tensor dAttended = pass.activations(d.rows(), tape.attended().columns(), scratch);
      linear(layer, tape, layer.output(), d, tape.attended(), dAttended, false);
      AttentionTensors qkv = tape.qkv();
      AttentionTensors dQkv = AttentionTensors.of(d.rows(), tape.input().rows(), pass, scratch);
      backend.attentionBackward(
          dAttended,
          qkv.q(),
          qkv.k(),
          qkv.v(),
          tape.shape(),
          tape.attended(),
          dQkv.q(),
          dQkv.k(),
          dQkv.v());
      int[] askingPositions = lastOnly ? pass.lastPositions() : pass.positions();
      pass.rope().rotateBack(backend, dQkv.q(), config.headDimension(), askingPositions);
      pass.rope().rotateBack(backend, dQkv.k(), config.headDimension(), pass.positions());

      if (layer.headNorms() != null) {
        dQkv = layer.headNorms().backward(backend, pass, tape.headNorms(), dQkv, scratch);
      }

      Tensor dNormed = lowest ? null : scratch.zeros(tape.input().rows(), config.hiddenSize());
      Tensor normed = normed(layer.qkv(), tape, tape.input(), layer.gain1(), scratch);
      for (LayerPart part : layer.qkv()) {
        Tensor dPart = dQkv.of(part);
        if (lastOnly && dQkv.forQueries(part)) {
          Tensor asked = null;
          if (normed != null) {
            asked = pass.activations(d.rows(), config.hiddenSize(), scratch);
            backend.selectRows(normed, pass.lastTokens(), asked);
          }
          Tensor dAsked = lowest ? null : scratch.tensor(d.rows(), config.hiddenSize());
          linear(layer, tape, part, dPart, asked, dAsked, false);
          if (!lowest) {
            backend.addToRows(dAsked, pass.lastTokens(), dNormed);
          }
        } else {
          linear(layer, tape, part, dPart, normed, dNormed, true);
        }
      }
      if (lowest) {
        return null;
      }
      Tensor dInput = d;
      if (lastOnly) {
        dInput = memory.zeros(tape.input().rows(), config.hiddenSize());
        backend.addToRows(d, pass.lastTokens(), dInput);
      }
      backend.rmsNormBackward(dNormed, tape.input(), layer.gain1(), tape.inverse1(), dInput);
      return dInput;
    }
  }

  /** Adds to d, the gradient of the residual stream, what reaches it through the MLP. */
  private void mlp(DecoderLayer layer, LayerTape tape, Tensor d, MemoryScope scratch) {
    ModelConfig config = pass.config();
    int inner = config.intermediateSize();
    Tensor dInner = pass.activations(d.rows(), inner, scratch);
    linear(layer, tape, layer.down(), d, inner(layer, tape, scratch), dInner, false);
    Tensor gate = tape.gateUp().columns(0, inner);
    Tensor up = tape.gateUp().columns(inner, 2 * inner);
    backend.swiGluBackward(dInner, gate, up, gate, up);
    Tensor dNormed = scratch.zeros(d.rows(), config.hiddenSize());
    Tensor normed = normed(layer.gateUp(), tape, tape.middle(), layer.gain2(), scratch);
    for (LayerPart part : layer.gateUp()) {
      linear(layer, tape, part, part.columnsOf(tape.gateUp()), normed, dNormed, true);
    }
    backend.rmsNormBackward(dNormed, tape.middle(), layer.gain2(), tape.inverse2(), d);
  }

  /** The input of the down-projection, computed again; null where its adapter does not need it. */
  private Tensor inner(DecoderLayer layer, LayerTape tape, MemoryScope scratch) {
    if (!tape.paths().containsKey(layer.down())) {
      return null;
    }
    Tensor y = pass.activations(tape.gateUp().rows(), pass.config().intermediateSize(), scratch);
    DecoderLayer.swiGlu(backend, tape.gateUp(), y);
    return y;
  }

  /**
   * The input of the parts, computed again; null where none of them has an adapter that needs it.
   */
  private Tensor normed(
      List<LayerPart> parts, LayerTape tape, Tensor x, Tensor gain, MemoryScope scratch) {
    if (parts.stream().noneMatch(tape.paths()::containsKey)) {
      return null;
    }
    Tensor normed = pass.activations(x.rows(), x.columns(), scratch);
    backend.rmsNorm(x, gain, pass.config().rmsNormEpsilon(), normed, scratch.tensor(x.rows(), 1));
    return normed;
  }

  private void linear(
      DecoderLayer layer,
      LayerTape tape,
      LayerPart part,
      Tensor dy,
      Tensor x,
      Tensor dx,
      boolean add) {
    LowRank path = tape.paths().get(part);
    LowRankGradient gradient = null;
    if (path != null) {
      LowRankPair pair = gradients.at(layer.index(), part.module());
      gradient =
          new LowRankGradient(
              x, pair.a(), pair.b().rows(part.firstRow(), part.firstRow() + part.outputs()));
    }
    backend.linearBackward(dy, part.weight(), path, gradient, dx, add);
  }
}
