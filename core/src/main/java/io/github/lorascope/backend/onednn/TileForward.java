package io.github.lorascope.backend.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_f32;

import io.github.lorascope.backend.AttentionShape;
import io.github.lorascope.tensor.Tensor;
import java.util.Arrays;

/**
 * Attention of one tile.
 *
 * @param type what products round their operands to
 */
record TileForward(Slot slot, AttentionShape shape, AttentionTile tile, HeadChunk heads, int type) {
  /** Returns how much scratch memory it takes. */
  static long scratch(AttentionShape shape, AttentionTile tile, HeadChunk heads, int type) {
    int dim = shape.headDim();
    return HeadMatrices.scratch(type, heads.heads(), tile.rows(), dim)
        + 2 * HeadMatrices.scratch(type, heads.keyHeads(), tile.columns(), dim)
        + HeadMatrices.scratch(dnnl_f32, heads.heads(), tile.rows(), tile.columns())
        + (type == dnnl_f32
            ? 0
            : HeadMatrices.scratch(type, heads.heads(), tile.rows(), tile.columns()))
        + HeadMatrices.scratch(dnnl_f32, heads.heads(), tile.rows(), dim);
  }

  void run(Tensor q, Tensor k, Tensor v, Tensor y) {
    HeadMatrices p = rounded(probabilities(q, k));
    HeadMatrices values = keys(v);
    HeadMatrices mixed =
        HeadMatrices.in(slot, dnnl_f32, heads.heads(), tile.rows(), shape.headDim());
    BatchedProduct.times(
        slot, 1, p.stacked(heads.keyHeads()), values, mixed.stacked(heads.keyHeads()));
    mixed.scatter(slot, heads.queriesOf(tile.queriesOf(y, shape), shape.headDim()));
  }

  /** P [heads][queries, keys], zero where a query does not see a key. */
  HeadMatrices probabilities(Tensor q, Tensor k) {
    HeadMatrices scores =
        HeadMatrices.in(slot, dnnl_f32, heads.heads(), tile.rows(), tile.columns());
    probabilities(queries(q), keys(k), scores);
    return scores;
  }

  /** Fills P, given the tile's rows of q and k. */
  void probabilities(HeadMatrices q, HeadMatrices k, HeadMatrices p) {
    BatchedProduct.times(
        slot,
        shape.scale(),
        q.stacked(heads.keyHeads()),
        k.transposed(),
        p.stacked(heads.keyHeads()));
    hide(p.matrix());
    Softmax.forward(slot, p.matrix());
  }

  HeadMatrices queries(Tensor x) {
    HeadMatrices rows = HeadMatrices.in(slot, type, heads.heads(), tile.rows(), shape.headDim());
    rows.gather(slot, heads.queriesOf(tile.queriesOf(x, shape), shape.headDim()));
    return rows;
  }

  private HeadMatrices keys(Tensor x) {
    HeadMatrices rows =
        HeadMatrices.in(slot, type, heads.keyHeads(), tile.columns(), shape.headDim());
    rows.gather(slot, heads.keysOf(tile.keysOf(x, shape), shape.headDim()));
    return rows;
  }

  /** Returns the same numbers in the type of operands. */
  private HeadMatrices rounded(HeadMatrices p) {
    if (type == dnnl_f32) {
      return p;
    }
    HeadMatrices rounded = HeadMatrices.in(slot, type, heads.heads(), tile.rows(), tile.columns());
    rounded.take(slot, p);
    return rounded;
  }

  /**
   * Takes away what a query does not see. Rows that only fill up keep all, as a softmax needs one;
   * what they multiply is zero or not read.
   */
  private void hide(Tensor scores) {
    int columns = tile.columns();
    float[] unseen = slot.line(0, columns);
    Arrays.fill(unseen, 0, columns, Float.NEGATIVE_INFINITY);
    for (int row = 0; row < tile.queries(); row++) {
      int query = tile.from() + row;
      int first = shape.firstKey(tile.sequence(), query) - tile.firstKey();
      int end = shape.lastKey(tile.sequence(), query) + 1 - tile.firstKey();
      for (int head = 0; head < heads.heads(); head++) {
        long at = scores.offset(head * tile.rows() + row);
        if (first > 0) {
          scores.storage().write(at, unseen, 0, first);
        }
        if (end < columns) {
          scores.storage().write(at + end, unseen, 0, columns - end);
        }
      }
    }
  }
}
