package io.github.lorascope.backend.onednn;

import io.github.lorascope.backend.AttentionShape;
import io.github.lorascope.tensor.Tensor;
import java.util.List;

/**
 * Attention of tiles of one sequence, which share its keys and values.
 *
 * @param tiles in ascending order
 * @param type what products round their operands to
 */
record TilesForward(
    Slot slot, AttentionShape shape, List<AttentionTile> tiles, HeadChunk heads, int type) {
  /** Returns how much scratch memory they take. */
  static long scratch(AttentionShape shape, List<AttentionTile> tiles, HeadChunk heads, int type) {
    long most = 0;
    for (AttentionTile tile : tiles) {
      most = Math.max(most, TileForward.scratch(shape, tile, heads, type));
    }
    int keys = AttentionTile.capacity(endKey(tiles) - firstKey(tiles));
    return most + 2 * HeadMatrices.scratch(type, heads.keyHeads(), keys, shape.headDim());
  }

  private static int firstKey(List<AttentionTile> tiles) {
    return tiles.get(0).firstKey();
  }

  private static int endKey(List<AttentionTile> tiles) {
    return tiles.get(tiles.size() - 1).endKey();
  }

  void run(Tensor q, Tensor k, Tensor v, Tensor y) {
    if (tiles.isEmpty()) {
      return;
    }
    HeadMatrices keys = seen(k);
    HeadMatrices values = seen(v);
    long taken = slot.taken();
    for (AttentionTile tile : tiles) {
      int first = tile.firstKey() - firstKey(tiles);
      int count = tile.columns();
      new TileForward(slot, shape, tile, heads, type)
          .run(q, keys.rows(first, count), values.rows(first, count), y);
      slot.reset(taken);
    }
  }

  /** P [heads][queries, keys] of a single tile. */
  HeadMatrices probabilities(Tensor q, Tensor k) {
    AttentionTile tile = tiles.get(0);
    return new TileForward(slot, shape, tile, heads, type)
        .probabilities(q, seen(k).rows(0, tile.columns()));
  }

  private HeadMatrices seen(Tensor x) {
    int first = shape.keyOffsets()[tiles.get(0).sequence()];
    Tensor rows = x.rows(first + firstKey(tiles), first + endKey(tiles));
    int capacity = AttentionTile.capacity(rows.rows());
    HeadMatrices seen = HeadMatrices.in(slot, type, heads.keyHeads(), capacity, shape.headDim());
    seen.gather(slot, heads.keysOf(rows, shape.headDim()));
    return seen;
  }
}
