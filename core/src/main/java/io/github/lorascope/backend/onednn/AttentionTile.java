package io.github.lorascope.backend.onednn;

import io.github.lorascope.backend.AttentionShape;
import io.github.lorascope.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Some queries of a sequence and the keys that at least one of them sees, counted from the
 * sequence's first.
 *
 * @param from first query
 * @param to one past the last query
 * @param firstKey first key
 * @param endKey one past the last key
 */
record AttentionTile(int sequence, int from, int to, int firstKey, int endKey) {
  private static final int QUERIES = 64;

  /** Rows and keys are filled up to multiples of these, so that fewer shapes are compiled. */
  private static final int ROW_UNIT = 16;

  private static final int KEY_UNIT = 32;

  static List<AttentionTile> of(AttentionShape shape) {
    List<AttentionTile> tiles = new ArrayList<>();
    for (int s = 0; s < shape.sequences(); s++) {
      tiles.addAll(of(shape, s));
    }
    return tiles;
  }

  static List<AttentionTile> of(AttentionShape shape, int sequence) {
    int queries = shape.queries(sequence);
    List<AttentionTile> tiles = new ArrayList<>();
    for (int from = 0; from < queries; from += QUERIES) {
      int to = Math.min(queries, from + QUERIES);
      tiles.add(
          new AttentionTile(
              sequence,
              from,
              to,
              shape.firstKey(sequence, from),
              shape.lastKey(sequence, to - 1) + 1));
    }
    return tiles;
  }

  int queries() {
    return to - from;
  }

  int keys() {
    return endKey - firstKey;
  }

  /** Returns the number of queries, filled up. */
  int rows() {
    return Split.up(queries(), ROW_UNIT);
  }

  /** Returns the number of keys, filled up. */
  int columns() {
    return Split.up(keys(), KEY_UNIT);
  }

  /**
   * Returns how many rows hold so many keys and what fills up any tile's; few different numbers, as
   * products are compiled for each.
   */
  static int capacity(int keys) {
    int least = keys + KEY_UNIT;
    return Split.up(least, Math.max(KEY_UNIT, Integer.highestOneBit(least) / 8));
  }

  /** Finds the tile's queries in a tensor of all of them. */
  Tensor queriesOf(Tensor x, AttentionShape shape) {
    int first = shape.queryOffsets()[sequence];
    return x.rows(first + from, first + to);
  }
}
