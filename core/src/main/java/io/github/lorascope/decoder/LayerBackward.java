package io.github.lorascope.decoder;

import io.github.lorascope.backend.Backend;
import io.github.lorascope.backend.Direction;
import io.github.lorascope.backend.LowRank;
import io.github.lorascope.backend.LowRankGradient;
import io.github.lorascope.backend.RowWork;
import io.github.lorascope.checkpoint.ModelConfig;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The backward pass of {@link DecoderLayer}, from the last operation to the first. The gradients of
 * an adapter's matrices sum over all rows, and come last.
 */
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
      boolean turnFirst = layer.headNorms() != null || lastOnly;
      if (turnFirst) {
        pass.rotate(backend, dQkv, lastOnly, true);
      }
      if (layer.headNorms() != null) {
        dQkv = layer.headNorms().backward(backend, pass, tape.headNorms(), dQkv, scratch);
      }

      Tensor normed =
          anyPath(layer.qkv(), tape.paths())
              ? pass.activations(tape.input().rows(), tape.input().columns(), scratch)
              : null;
      Map<LayerPart, Tensor> passedOn = passedOn(layer.qkv(), tape.paths(), scratch);
      if (lastOnly) {
        return ofLastTokens(layer, tape, d, dQkv, passedOn, normed, lowest, memory);
      }
      RowWork before = turnFirst ? null : pass.rotation(backend, dQkv, true);
      inputs(layer, tape, dQkv, passedOn, normed, lowest ? null : d, before);
      addPaths(layer, tape, dQkv, passedOn, normed, normed);
      return lowest ? null : d;
    }
  }

  private static boolean anyPath(List<LayerPart> parts, Map<LayerPart, LowRank> paths) {
    return parts.stream().anyMatch(paths::containsKey);
  }

  /** Makes room for the gradients of what paths pass on, in the order of the parts. */
  private Map<LayerPart, Tensor> passedOn(
      List<LayerPart> parts, Map<LayerPart, LowRank> paths, MemoryScope memory) {
    Map<LayerPart, Tensor> passedOn = new LinkedHashMap<>();
    for (LayerPart part : parts) {
      LowRank path = paths.get(part);
      if (path != null) {
        passedOn.put(part, pass.activations(path.xa().rows(), path.xa().columns(), memory));
      }
    }
    return passedOn;
  }

  /**
   * Adds to d what reaches the layer's input through queries, keys and values, and computes what
   * the gradients of their paths need.
   *
   * @param normed receives the input of the projections, computed again; null: not needed
   * @param d null: not needed
   * @param before what is done with rows of dQkv first; null: nothing
   */
  private void inputs(
      DecoderLayer layer,
      LayerTape tape,
      AttentionTensors dQkv,
      Map<LayerPart, Tensor> passedOn,
      Tensor normed,
      Tensor d,
      RowWork before) {
    backend.byRows(
        tape.input().rows(),
        Direction.BACKWARD,
        LayerPart.weights(layer.qkv()),
        (from, to) -> {
          if (before != null) {
            before.run(from, to);
          }
          try (MemoryScope passing =
              backend.scope("the gradients of the projections of layer " + layer.index())) {
            Tensor dNormed = d == null ? null : passing.tensor(to - from, d.columns());
            boolean add = false;
            for (LayerPart part : layer.qkv()) {
              LowRank path = tape.paths().get(part);
              LowRank ofRows = path == null ? null : path.rows(from, to);
              Tensor dxa = path == null ? null : passedOn.get(part).rows(from, to);
              linear(part, ofRows, dQkv.of(part).rows(from, to), dxa, dNormed, add);
              add = true;
            }
            norm(layer, tape, normed, dNormed, from, to, d);
          }
        });
  }

  /** Computes rows of the norm before attention again, and goes back through it. */
  private void norm(
      DecoderLayer layer,
      LayerTape tape,
      Tensor normed,
      Tensor dNormed,
      int from,
      int to,
      Tensor dInput) {
    Tensor x = tape.input().rows(from, to);
    Tensor inverse = tape.inverse1().rows(from, to);
    if (normed != null) {
      double epsilon = pass.config().rmsNormEpsilon();
      backend.rmsNorm(x, layer.gain1(), epsilon, normed.rows(from, to), inverse);
    }
    if (dInput != null) {
      backend.rmsNormBackward(dNormed, x, layer.gain1(), inverse, dInput.rows(from, to));
    }
  }

  /** The same where queries are those of last tokens alone, and the adapter's gradients. */
  private Tensor ofLastTokens(
      DecoderLayer layer,
      LayerTape tape,
      Tensor d,
      AttentionTensors dQkv,
      Map<LayerPart, Tensor> passedOn,
      Tensor normed,
      boolean lowest,
      MemoryScope memory) {
    try (MemoryScope scratch = backend.scope("the gradients of layer " + layer.index())) {
      int tokens = tape.input().rows();
      int hidden = d.columns();
      Tensor dNormed = lowest ? null : scratch.zeros(tokens, hidden);
      Tensor dAsked = lowest ? null : scratch.tensor(d.rows(), hidden);
      for (LayerPart part : layer.qkv()) {
        LowRank path = tape.paths().get(part);
        if (!dQkv.forQueries(part)) {
          linear(part, path, dQkv.of(part), passedOn.get(part), dNormed, true);
          continue;
        }
        linear(part, path, dQkv.of(part), passedOn.get(part), dAsked, false);
        if (!lowest) {
          backend.addToRows(dAsked, pass.lastTokens(), dNormed);
        }
      }
      Tensor dInput = null;
      if (!lowest) {
        dInput = memory.zeros(tokens, hidden);
        backend.addToRows(d, pass.lastTokens(), dInput);
      }
      norm(layer, tape, normed, dNormed, 0, tokens, dInput);
      Tensor asked = null;
      if (normed != null) {
        asked = pass.activations(d.rows(), hidden, scratch);
        backend.selectRows(normed, pass.lastTokens(), asked);
      }
      addPaths(layer, tape, dQkv, passedOn, asked, normed);
      return dInput;
    }
  }

  /**
   * Adds the gradients of the paths of queries, keys and values.
   *
   * @param asked the input of the projections to queries
   * @param normed the input of the others
   */
  private void addPaths(
      DecoderLayer layer,
      LayerTape tape,
      AttentionTensors dQkv,
      Map<LayerPart, Tensor> passedOn,
      Tensor asked,
      Tensor normed) {
    List<LowRankGradient> together = new ArrayList<>();
    passedOn.forEach(
        (part, dxa) -> {
          LowRank path = tape.paths().get(part);
          Tensor x = dQkv.forQueries(part) ? asked : normed;
          LowRankGradient next = gradient(layer, path, part, dQkv.of(part), dxa, x);
          // parts of one linear layer add to the same gradient of A
          if (together.stream().anyMatch(other -> other.a() == next.a())) {
            backend.lowRankBackward(List.copyOf(together));
            together.clear();
          }
          together.add(next);
        });
    backend.lowRankBackward(together);
  }

  /**
   * Adds to d, the gradient of the residual stream, what reaches it through the MLP, and goes on to
   * the gradient of what attention gave. Paths there sum over all rows, which are then not divided.
   */
  private void mix(DecoderLayer layer, LayerTape tape, Tensor d, Tensor dAttended) {
    List<LayerPart> parts = layer.afterAttention();
    if (anyPath(parts, tape.paths())) {
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
      linearAndPath(layer, paths.get(layer.down()), layer.down(), d, inner, dInner, false);
      backend.swiGluBackward(dInner, gate, up, gate, up);
      Tensor middle = tape.middle().rows(from, to);
      Tensor inverse = tape.inverse2().rows(from, to);
      Tensor normed = null;
      if (anyPath(layer.gateUp(), paths)) { // their input, computed again
        normed = pass.activations(d.rows(), config.hiddenSize(), passing);
        backend.rmsNorm(middle, layer.gain2(), config.rmsNormEpsilon(), normed, inverse);
      }
      Tensor dNormed = passing.tensor(d.rows(), config.hiddenSize());
      boolean add = false;
      for (LayerPart part : layer.gateUp()) {
        linearAndPath(layer, paths.get(part), part, gateUp.of(part), normed, dNormed, add);
        add = true;
      }
      backend.rmsNormBackward(dNormed, middle, layer.gain2(), inverse, d);
      LayerPart output = layer.output();
      Tensor attended = tape.attended().rows(from, to);
      linearAndPath(layer, paths.get(output), output, d, attended, dAttended.rows(from, to), false);
    }
  }

  /**
   * Goes back through a linear layer on all rows, and adds the gradients of its path.
   *
   * @param x the input, which is needed where there is a path
   */
  private void linearAndPath(
      DecoderLayer layer,
      LowRank path,
      LayerPart part,
      Tensor dy,
      Tensor x,
      Tensor dx,
      boolean add) {
    if (path == null) {
      linear(part, null, dy, null, dx, add);
      return;
    }
    try (MemoryScope scratch = backend.scope("the gradients of a path of " + part.module())) {
      Tensor dxa = pass.activations(dy.rows(), path.xa().columns(), scratch);
      linear(part, path, dy, dxa, dx, add);
      backend.lowRankBackward(List.of(gradient(layer, path, part, dy, dxa, x)));
    }
  }

  /**
   * Goes back through a linear layer.
   *
   * @param dxa receives the gradient of what the path passes on; null without one
   */
  private void linear(LayerPart part, LowRank path, Tensor dy, Tensor dxa, Tensor dx, boolean add) {
    if (dx != null || path != null) {
      backend.linearBackward(dy, part.weight(), path, dxa, dx, add);
    }
  }

  private LowRankGradient gradient(
      DecoderLayer layer, LowRank path, LayerPart part, Tensor dy, Tensor dxa, Tensor x) {
    LowRankPair pair = gradients.at(layer.index(), part.module());
    Tensor b = pair.b().rows(part.firstRow(), part.firstRow() + part.outputs());
    return new LowRankGradient(dy, path, dxa, x, pair.a(), b);
  }
}
