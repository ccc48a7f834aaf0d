package io.github.lorascope.backend.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_f32;

import io.github.lorascope.backend.AttentionShape;
import io.github.lorascope.tensor.Tensor;
import java.util.List;

/**
 * The gradient of attention of one sequence, for heads that share heads of keys.
 *
 * @param type what products round their operands to
 */
record SequenceBackward(Slot slot, AttentionShape shape, int sequence, int type) {
  /** Returns how much scratch memory it takes. */
  static long scratch(AttentionShape shape, int sequence, HeadChunk heads, int type) {
    int dim = shape.headDim();
    long most = 0;
    for (AttentionTile tile : AttentionTile.of(shape, sequence)) {
      long square = HeadMatrices.scratch(dnnl_f32, heads.heads(), tile.rows(), tile.columns());
      most =
          Math.max(
              most,
              3 * HeadMatrices.scratch(type, heads.heads(), tile.rows(), dim)
                  + (type == dnnl_f32 ? 2 : 3) * square);
    }
    int keys = AttentionTile.capacity(shape.keys(sequence));
    return most
        + 2 * HeadMatrices.scratch(type, heads.keyHeads(), keys, dim)
        + 2 * HeadMatrices.scratch(dnnl_f32, heads.keyHeads(), keys, dim);
  }

  void run(
      List<HeadChunk> chunks,
      Tensor dy,
      Tensor q,
      Tensor k,
      Tensor v,
      Tensor dq,
      Tensor dk,
      Tensor dv) {
    HeadChunk sharing = chunks.get(0);
    HeadMatrices keys = keys(type, sharing);
    HeadMatrices values = keys(type, sharing);
    HeadMatrices dKeys = keys(dnnl_f32, sharing);
    HeadMatrices dValues = keys(dnnl_f32, sharing);
    keys.gather(slot, keysOf(k, sharing));
    values.gather(slot, keysOf(v, sharing));
    dKeys.clear();
    dValues.clear();
    long taken = slot.taken();
    for (AttentionTile tile : AttentionTile.of(shape, sequence)) {
      int first = tile.firstKey();
      int count = tile.columns();
      for (HeadChunk heads : chunks) {
        tile(
            new TileForward(slot, shape, tile, heads, type),
            keys.rows(first, count),
            values.rows(first, count),
            dKeys.rows(first, count),
            dValues.rows(first, count),
            dy,
            q,
            dq);
        slot.reset(taken);
      }
    }
    dKeys.scatter(slot, keysOf(dk, sharing));
    dValues.scatter(slot, keysOf(dv, sharing));
  }

  private void tile(
      TileForward forward,
      HeadMatrices keys,
      HeadMatrices values,
      HeadMatrices dKeys,
      HeadMatrices dValues,
      Tensor dy,
      Tensor q,
      Tensor dq) {
    AttentionTile tile = forward.tile();
    HeadChunk heads = forward.heads();
    int sharing = heads.keyHeads();
    HeadMatrices queries = forward.queries(q);
    HeadMatrices dOut = forward.queries(dy);
    HeadMatrices p = forward.square(dnnl_f32);
    HeadMatrices dp = forward.square(dnnl_f32);
    HeadMatrices operand = type == dnnl_f32 ? p : forward.square(type);
    forward.probabilities(queries, keys, p);
    if (type != dnnl_f32) {
      operand.take(slot, p);
    }
    BatchedProduct.add(slot, operand.stacked(sharing).transposed(), dOut.stacked(sharing), dValues);
    BatchedProduct.times(
        slot, shape.scale(), dOut.stacked(sharing), values.transposed(), dp.stacked(sharing));
    operand = type == dnnl_f32 ? dp : operand;
    SoftmaxGradient.run(slot, p, dp, operand); // dS, with scale already in it
    BatchedProduct.add(
        slot, operand.stacked(sharing).transposed(), queries.stacked(sharing), dKeys);
    HeadMatrices dQueries =
        HeadMatrices.in(slot, type, heads.heads(), tile.rows(), shape.headDim());
    BatchedProduct.times(slot, 1, operand.stacked(sharing), keys, dQueries.stacked(sharing));
    dQueries.scatter(slot, heads.queriesOf(tile.queriesOf(dq, shape), shape.headDim()));
  }

  private HeadMatrices keys(int numbers, HeadChunk heads) {
    int rows = AttentionTile.capacity(shape.keys(sequence));
    return HeadMatrices.in(slot, numbers, heads.keyHeads(), rows, shape.headDim());
  }

  private Tensor keysOf(Tensor x, HeadChunk heads) {
    int[] offsets = shape.keyOffsets();
    return heads.keysOf(x.rows(offsets[sequence], offsets[sequence + 1]), shape.headDim());
  }
}
