package io.github.lorascope.decoder;

import io.github.lorascope.backend.AttentionShape;
import io.github.lorascope.backend.Backend;
import io.github.lorascope.backend.Direction;
import io.github.lorascope.backend.LowRank;
import io.github.lorascope.backend.RowWork;
import io.github.lorascope.checkpoint.ModelConfig;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The forward pass of a {@link DecoderLayer}. All but attention depends on its own row alone, and
 * goes by rows as the backend likes it.
 *
 * @param memory of the tape
 * @param scratch for the time of the pass through the layer
 * @param paths the LoRA paths by part, filled on the way
 */
record LayerForward(
    Backend backend,
    PassContext pass,
    DecoderLayer layer,
    MemoryScope memory,
    MemoryScope scratch,
    Map<LayerPart, LowRank> paths) {

  /**
   * Goes through a layer.
   *
   * @param x the residual stream [tokens, hidden]
   * @param lastOnly whether only each sequence's last token is passed on; keys and values are those
   *     of all tokens
   * @param trained whether the tape is for a backward pass
   */
  static LayerTape run(
      Backend backend,
      PassContext pass,
      DecoderLayer layer,
      Tensor x,
      boolean lastOnly,
      boolean trained) {
    MemoryScope memory = backend.scope("the activations of layer " + layer.index());
    try (MemoryScope scratch = backend.scope("the work space of layer " + layer.index())) {
      return new LayerForward(backend, pass, layer, memory, scratch, new HashMap<>())
          .run(x, lastOnly, trained);
    } catch (RuntimeException | Error e) {
      memory.close();
      throw e;
    }
  }

  private LayerTape run(Tensor x, boolean lastOnly, boolean trained) {
    ModelConfig config = pass.config();
    int asking = lastOnly ? pass.batch().sequences() : x.rows();
    Tensor inverse1 = memory.tensor(x.rows(), 1);
    AttentionTensors projected = AttentionTensors.of(asking, x.rows(), pass, memory);
    boolean normed = layer.headNorms() != null; // before they are turned
    Tensor residual = x;
    if (lastOnly) {
      residual = scratch.tensor(asking, config.hiddenSize());
      backend.selectRows(x, pass.lastTokens(), residual);
      List<LayerPart> queries = layer.qkv().stream().filter(projected::forQueries).toList();
      List<LayerPart> others = layer.qkv().stream().filter(p -> !queries.contains(p)).toList();
      Tensor inverse = scratch.tensor(asking, 1);
      RowWork turnQueries = pass.queryRotation(backend, projected, false);
      project(queries, residual, inverse, projected, normed ? null : turnQueries);
      RowWork turnKeys = pass.keyRotation(backend, projected, false);
      project(others, x, inverse1, projected, normed ? null : turnKeys);
    } else {
      RowWork turn = pass.rotation(backend, projected, false);
      project(layer.qkv(), x, inverse1, projected, normed ? null : turn);
    }
    AttentionTensors attention = projected;
    HeadNorms.Tape heads = null;
    if (normed) {
      heads = HeadNorms.Tape.of(projected, pass, memory);
      attention = layer.headNorms().forward(backend, pass, heads, memory);
      pass.rotate(backend, attention, lastOnly, false);
    }
    AttentionShape shape = pass.attention(layer.index(), lastOnly);
    Tensor attended = pass.activations(asking, attention.q().columns(), memory);
    Tensor seen = pass.seen(backend, attention.keysValues(), scratch);
    int width = config.keyValueWidth();
    Tensor keys = seen.columns(0, width);
    Tensor values = seen.columns(width, 2 * width);
    backend.attention(attention.q(), keys, values, shape, attended);

    Tensor middle = memory.tensor(asking, config.hiddenSize());
    Tensor inverse2 = memory.tensor(asking, 1);
    GateUp gateUp = trained ? GateUp.of(layer, asking, pass, memory) : null;
    Tensor out = memory.tensor(asking, config.hiddenSize());
    mix(attended, residual, middle, inverse2, gateUp, out);
    return new LayerTape(
        memory, x, inverse1, heads, attention, shape, attended, middle, inverse2, gateUp, paths,
        out);
  }

  /**
   * The norm before attention and some of the projections to queries, keys and values.
   *
   * @param after what is then done with the same rows; null: nothing
   */
  private void project(
      List<LayerPart> parts, Tensor x, Tensor inverse, AttentionTensors y, RowWork after) {
    preparePaths(parts, x.rows());
    backend.byRows(
        x.rows(),
        Direction.FORWARD,
        LayerPart.weights(parts),
        (from, to) -> {
          try (MemoryScope passing = backend.scope("the projections of layer " + layer.index())) {
            Tensor normed = pass.activations(to - from, x.columns(), passing);
            backend.rmsNorm(
                x.rows(from, to),
                layer.gain1(),
                pass.config().rmsNormEpsilon(),
                normed,
                inverse.rows(from, to));
            for (LayerPart part : parts) {
              linear(part, normed, from, y.of(part).rows(from, to));
            }
            if (after != null) {
              after.run(from, to);
            }
          }
        });
  }

  /**
   * What follows attention.
   *
   * @param gateUp where gate and up are left; null: nowhere
   */
  private void mix(
      Tensor attended, Tensor residual, Tensor middle, Tensor inverse, GateUp gateUp, Tensor out) {
    preparePaths(layer.afterAttention(), attended.rows());
    backend.byRows(
        attended.rows(),
        Direction.FORWARD,
        LayerPart.weights(layer.afterAttention()),
        (from, to) -> {
          try (MemoryScope passing = backend.scope("the MLP of layer " + layer.index())) {
            int rows = to - from;
            int width = pass.config().intermediateSize();
            Tensor branch = pass.activations(rows, residual.columns(), passing);
            linear(layer.output(), attended.rows(from, to), from, branch);
            Tensor normed = pass.activations(rows, residual.columns(), passing);
            backend.addRmsNorm(
                branch,
                residual.rows(from, to),
                layer.gain2(),
                pass.config().rmsNormEpsilon(),
                middle.rows(from, to),
                normed,
                inverse.rows(from, to));
            GateUp both =
                gateUp == null ? GateUp.of(layer, rows, pass, passing) : gateUp.rows(from, to);
            for (LayerPart part : layer.gateUp()) {
              linear(part, normed, from, both.of(part));
            }
            Tensor inner = pass.activations(rows, width, passing);
            backend.swiGlu(both.gate(), both.up(), inner);
            linear(layer.down(), inner, from, branch);
            backend.add(branch, middle.rows(from, to), out.rows(from, to));
          }
        });
  }

  private void preparePaths(List<LayerPart> parts, int rows) {
    for (LayerPart part : parts) {
      LowRank path = pass.path(layer.index(), part, rows, memory);
      if (path != null) {
        paths.put(part, path);
      }
    }
  }

  /** Computes a linear layer on rows that begin at a given one of all. */
  private void linear(LayerPart part, Tensor x, int from, Tensor y) {
    LowRank path = paths.get(part);
    LowRank ofRows = path == null ? null : path.rows(from, from + x.rows());
    backend.linear(x, part.weight(), part.bias(), ofRows, y);
  }
}
