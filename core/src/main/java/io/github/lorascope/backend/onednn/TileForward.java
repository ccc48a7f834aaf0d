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
  /** Returns how much scratch memory it takes, beside the keys and values. */
  static long scratch(AttentionShape shape, AttentionTile tile, HeadChunk heads, int type) {
    int dim = shape.headDim();
    long square = HeadMatrices.scratch(dnnl_f32, heads.heads(), tile.rows(), tile.columns());
    return 2 * HeadMatrices.scratch(type, heads.heads(), tile.rows(), dim)
        + (type == dnnl_f32 ? 1 : 2) * square;
  }

  /**
   * Computes the tile's rows of y.
   *
   * @param keys the tile's
   * @param values the tile's
   */
  void run(Tensor q, HeadMatrices keys, HeadMatrices values, Tensor y) {
    HeadMatrices scores = scores(queries(q), keys, square(dnnl_f32));
    HeadMatrices p = type == dnnl_f32 ? scores : square(type);
    Softmax.forward(slot, scores, p);
    HeadMatrices mixed = HeadMatrices.in(slot, type, heads.heads(), tile.rows(), shape.headDim());
    BatchedProduct.times(
        slot, 1, p.stacked(heads.keyHeads()), values, mixed.stacked(heads.keyHeads()));
    mixed.scatter(slot, heads.queriesOf(tile.queriesOf(y, shape), shape.headDim()));
  }

  /** P [heads][queries, keys] in float32, zero where a query does not see a key. */
  HeadMatrices probabilities(Tensor q, HeadMatrices keys) {
    return probabilities(queries(q), keys, square(dnnl_f32));
  }

  /** Fills P, given the tile's rows of q and k. */
  HeadMatrices probabilities(HeadMatrices q, HeadMatrices k, HeadMatrices p) {
    scores(q, k, p);
    Softmax.forward(slot, p, p);
    return p;
  }

  /** Fills what P is the softmax of. */
  private HeadMatrices scores(HeadMatrices q, HeadMatrices k, HeadMatrices scores) {
    BatchedProduct.times(
        slot,
        shape.scale(),
        q.stacked(heads.keyHeads()),
        k.transposed(),
        scores.stacked(heads.keyHeads()));
    hide(scores.matrix());
    return scores;
  }

  /** Makes matrices for a number of each pair of a query and a key. */
  HeadMatrices square(int numbers) {
    return HeadMatrices.in(slot, numbers, heads.heads(), tile.rows(), tile.columns());
  }

  HeadMatrices queries(Tensor x) {
    HeadMatrices rows = HeadMatrices.in(slot, type, heads.heads(), tile.rows(), shape.headDim());
    rows.gather(slot, heads.queriesOf(tile.queriesOf(x, shape), shape.headDim()));
    return rows;
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
