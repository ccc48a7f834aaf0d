package io.github.lorascope.decoder;

import io.github.lorascope.backend.Backend;
import io.github.lorascope.backend.Direction;
import io.github.lorascope.backend.LowRank;
import io.github.lorascope.backend.LowRankGradient;
import io.github.lorascope.backend.RowWork;
import io.github.lorascope.checkpoint.ModelConfig;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

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
    boolean lastOnly = tape.middle().rows() != tape.input().rows();
    try (MemoryScope scratch = backend.scope("the gradients of layer " + layer.index())) {
      Tensor dAttended = pass.activations(d.rows(), tape.attended().columns(), scratch);
      mix(layer, tape, d, dAttended);
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
      boolean turnFirst = layer.headNorms() != null || lastOnly || lowest;
      if (turnFirst) {
        pass.rotate(backend, dQkv, lastOnly, true);
      }
      if (layer.headNorms() != null) {
        dQkv = layer.headNorms().backward(backend, pass, tape.headNorms(), dQkv, scratch);
      }

      Tensor normed = normed(layer.qkv(), tape.paths(), tape.input(), layer.gain1(), scratch);
      if (lastOnly) {
        return ofLastTokens(layer, tape, d, dQkv, normed, lowest, memory);
      }
      RowWork before = turnFirst ? null : pass.rotation(backend, dQkv, true);
      boolean divided = !lowest && inputs(layer, tape, dQkv, normed, d, before);
      if (lowest || divided) {
        for (LayerPart part : layer.qkv()) {
          linear(layer, tape.paths().get(part), part, dQkv.of(part), normed, null, false);
        }
      }
      return lowest ? null : d;
    }
  }

  /**
   * Adds to d what reaches the layer's input through queries, keys and values. Gradients of paths,
   * which sum over all rows, come with it where the backend does not divide rows.
   *
   * @param before what is done with rows of dQkv first; null: nothing
   * @return whether it does
   */
  private boolean inputs(
      DecoderLayer layer,
      LayerTape tape,
      AttentionTensors dQkv,
      Tensor normed,
      Tensor wholeD,
      RowWork before) {
    AtomicBoolean divided = new AtomicBoolean();
    backend.byRows(
        wholeD.rows(),
        Direction.BACKWARD,
        LayerPart.weights(layer.qkv()),
        (from, to) -> {
          boolean part = to - from < wholeD.rows();
          divided.compareAndSet(false, part);
          if (before != null) {
            before.run(from, to);
          }
          inputs(layer, tape, dQkv, part ? null : normed, wholeD.rows(from, to), from);
        });
    return divided.get();
  }

  private void inputs(
      DecoderLayer layer,
      LayerTape tape,
      AttentionTensors dQkv,
      Tensor normed,
      Tensor d,
      int from) {
    int to = from + d.rows();
    try (MemoryScope passing =
        backend.scope("the gradients of the projections of layer " + layer.index())) {
      Tensor dNormed = passing.tensor(d.rows(), d.columns());
      boolean add = false;
      for (LayerPart part : layer.qkv()) {
        LowRank path = tape.paths().get(part);
        LowRank ofRows = path == null ? null : path.rows(from, to);
        linear(layer, ofRows, part, dQkv.of(part).rows(from, to), normed, dNormed, add);
        add = true;
      }
      backend.rmsNormBackward(
          dNormed, tape.input().rows(from, to), layer.gain1(), tape.inverse1().rows(from, to), d);
    }
  }

  /** The same where queries are those of last tokens alone, and the adapter's gradients. */
  private Tensor ofLastTokens(
      DecoderLayer layer,
      LayerTape tape,
      Tensor d,
      AttentionTensors dQkv,
      Tensor normed,
      boolean lowest,
      MemoryScope memory) {
    try (MemoryScope scratch = backend.scope("the gradients of layer " + layer.index())) {
      int hidden = pass.config().hiddenSize();
      Tensor dNormed = lowest ? null : scratch.zeros(tape.input().rows(), hidden);
      for (LayerPart part : layer.qkv()) {
        LowRank path = tape.paths().get(part);
        if (!dQkv.forQueries(part)) {
          linear(layer, path, part, dQkv.of(part), normed, dNormed, true);
          continue;
        }
        Tensor asked = null;
        if (normed != null) {
          asked = pass.activations(d.rows(), hidden, scratch);
          backend.selectRows(normed, pass.lastTokens(), asked);
        }
        Tensor dAsked = lowest ? null : scratch.tensor(d.rows(), hidden);
        linear(layer, path, part, dQkv.of(part), asked, dAsked, false);
        if (!lowest) {
          backend.addToRows(dAsked, pass.lastTokens(), dNormed);
        }
      }
      if (lowest) {
        return null;
      }
      Tensor dInput = memory.zeros(tape.input().rows(), hidden);
      backend.addToRows(d, pass.lastTokens(), dInput);
      backend.rmsNormBackward(dNormed, tape.input(), layer.gain1(), tape.inverse1(), dInput);
      return dInput;
    }
  }

  /**
   * Adds to d, the gradient of the residual stream, what reaches it through the MLP, and goes on to
   * the gradient of what attention gave. Paths there sum over all rows, which are then not divided.
   */
  private void mix(DecoderLayer layer, LayerTape tape, Tensor d, Tensor dAttended) {
    List<LayerPart> parts = layer.afterAttention();
    if (parts.stream().anyMatch(tape.paths()::containsKey)) {
      mix(layer, tape, d, dAttended, 0, d.rows());
    } else {
      backend.byRows(
          d.rows(),
          Direction.BACKWARD,
          LayerPart.weights(parts),
          (from, to) -> mix(layer, tape, d, dAttended, from, to));
    }
  }

  private void mix(
      DecoderLayer layer, LayerTape tape, Tensor wholeD, Tensor dAttended, int from, int to) {
    ModelConfig config = pass.config();
    int width = config.intermediateSize();
    Map<LayerPart, LowRank> paths = tape.paths();
    try (MemoryScope passing =
        backend.scope("the gradients of the MLP of layer " + layer.index())) {
      Tensor d = wholeD.rows(from, to);
      GateUp gateUp = tape.gateUp().rows(from, to);
      Tensor gate = gateUp.gate();
      Tensor up = gateUp.up();
      Tensor dInner = pass.activations(d.rows(), width, passing);
      Tensor inner = null;
      if (paths.containsKey(layer.down())) { // its input, computed again
        inner = pass.activations(d.rows(), width, passing);
        backend.swiGlu(gate, up, inner);
      }
      linear(layer, paths.get(layer.down()), layer.down(), d, inner, dInner, false);
      backend.swiGluBackward(dInner, gate, up, gate, up);
      Tensor middle = tape.middle().rows(from, to);
      Tensor normed = normed(layer.gateUp(), paths, middle, layer.gain2(), passing);
      Tensor dNormed = passing.tensor(d.rows(), config.hiddenSize());
      boolean add = false;
      for (LayerPart part : layer.gateUp()) {
        linear(layer, paths.get(part), part, gateUp.of(part), normed, dNormed, add);
        add = true;
      }
      backend.rmsNormBackward(dNormed, middle, layer.gain2(), tape.inverse2().rows(from, to), d);
      LayerPart output = layer.output();
      Tensor attended = tape.attended().rows(from, to);
      linear(layer, paths.get(output), output, d, attended, dAttended.rows(from, to), false);
    }
  }

  /**
   * The input of the parts, computed again; null where none of them has an adapter that needs it.
   */
  private Tensor normed(
      List<LayerPart> parts,
      Map<LayerPart, LowRank> paths,
      Tensor x,
      Tensor gain,
      MemoryScope scratch) {
    if (parts.stream().noneMatch(paths::containsKey)) {
      return null;
    }
    Tensor normed = pass.activations(x.rows(), x.columns(), scratch);
    backend.rmsNorm(x, gain, pass.config().rmsNormEpsilon(), normed, scratch.tensor(x.rows(), 1));
    return normed;
  }

  /**
   * Goes back through a linear layer.
   *
   * @param x the input, for the gradients of the path; null: they are not added
   */
  private void linear(
      DecoderLayer layer,
      LowRank path,
      LayerPart part,
      Tensor dy,
      Tensor x,
      Tensor dx,
      boolean add) {
    LowRankGradient gradient = null;
    if (path != null && x != null) {
      LowRankPair pair = gradients.at(layer.index(), part.module());
      gradient =
          new LowRankGradient(
              x, pair.a(), pair.b().rows(part.firstRow(), part.firstRow() + part.outputs()));
    }
    backend.linearBackward(dy, part.weight(), path, gradient, dx, add);
  }
}
