package io.github.lorascope.backend.onednn;

import io.github.lorascope.backend.AttentionShape;
import io.github.lorascope.tensor.Tensor;
import java.util.Arrays;

/**
 * y = P v with P = softmax(scale q k^T) over the keys that a query sees, and its gradient. Works
 * tile by tile: some queries of one head and the keys that at least one of them sees, so that no
 * more than a tile of P exists at once.
 */
final class CausalAttention {
  private static final int TILE = 64;

  private final Workers workers;

  CausalAttention(Workers workers) {
    this.workers = workers;
  }

  void forward(Tensor q, Tensor k, Tensor v, AttentionShape shape, Tensor y) {
    Tile[] tiles = tiles(shape);
    workers.run(
        tiles.length * shape.heads(),
        Slot.scratchSize(1, largest(tiles)),
        (slot, i) -> {
          Tile tile = tiles[i / shape.heads()];
          int head = i % shape.heads();
          Tensor p = probabilities(slot, q, k, shape, tile, head);
          Tensor values = keys(v, shape, tile, keyHead(shape, head));
          slot.products().times(1, p, values, 0, queries(y, shape, tile, head));
        });
  }

  /**
   * With dP = dy v^T and dS = P (dP - rowsum(P dP)): dq = scale dS k, dk = scale dS^T q, dv = P^T
   * dy. One task has all that adds to a head of keys, in a fixed order.
   */
  void backward(
      Tensor dy,
      Tensor q,
      Tensor k,
      Tensor v,
      AttentionShape shape,
      Tensor dq,
      Tensor dk,
      Tensor dv) {
    workers.rows(dk.rows(), dk.columns(), (slot, from, to) -> dk.rows(from, to).fill(0));
    workers.rows(dv.rows(), dv.columns(), (slot, from, to) -> dv.rows(from, to).fill(0));
    int keyHeads = shape.keyValueHeads();
    int group = shape.heads() / keyHeads;
    int largest = largest(tiles(shape));
    workers.run(
        shape.sequences() * keyHeads,
        2 * Slot.scratchSize(1, largest),
        (slot, i) -> {
          int keyHead = i % keyHeads;
          for (Tile tile : tiles(shape, i / keyHeads)) {
            Tensor dKeys = keys(dk, shape, tile, keyHead);
            Tensor dValues = keys(dv, shape, tile, keyHead);
            for (int head = keyHead * group; head < (keyHead + 1) * group; head++) {
              Tensor dOut = queries(dy, shape, tile, head);
              Tensor p = probabilities(slot, q, k, shape, tile, head);
              slot.products().transposedTimes(1, p, dOut, 1, dValues);
              Tensor ds = slot.scratch(p.rows(), p.columns());
              slot.products().timesTransposed(1, dOut, keys(v, shape, tile, keyHead), 0, ds);
              Softmax.backward(slot, p, ds);
              slot.products()
                  .times(
                      shape.scale(),
                      ds,
                      keys(k, shape, tile, keyHead),
                      0,
                      queries(dq, shape, tile, head));
              slot.products()
                  .transposedTimes(shape.scale(), ds, queries(q, shape, tile, head), 1, dKeys);
              slot.reset();
            }
          }
        });
  }

  void weights(Tensor q, Tensor k, AttentionShape shape, int sequence, Tensor p) {
    Tile[] tiles = tiles(shape, sequence);
    workers.run(
        tiles.length * shape.heads(),
        Slot.scratchSize(1, largest(tiles)),
        (slot, i) -> {
          Tile tile = tiles[i / shape.heads()];
          int head = i % shape.heads();
          Tensor part = probabilities(slot, q, k, shape, tile, head);
          float[] line = slot.line(0, p.columns());
          for (int row = 0; row < part.rows(); row++) {
            Arrays.fill(line, 0, p.columns(), 0);
            part.storage().read(part.offset(row), line, tile.firstKey(), part.columns());
            int target = head * shape.queries(sequence) + tile.from() + row;
            p.storage().write(p.offset(target), line, 0, p.columns());
          }
        });
  }

  /**
   * Some queries of a sequence and the keys that they see, counted from the sequence's first.
   *
   * @param from first query
   * @param to one past the last query
   * @param firstKey first key
   * @param endKey one past the last key
   */
  private record Tile(int sequence, int from, int to, int firstKey, int endKey) {}

  private static Tile[] tiles(AttentionShape shape) {
    int count = 0;
    for (int s = 0; s < shape.sequences(); s++) {
      count += Split.parts(shape.queries(s), TILE);
    }
    Tile[] all = new Tile[count];
    int filled = 0;
    for (int s = 0; s < shape.sequences(); s++) {
      for (Tile tile : tiles(shape, s)) {
        all[filled++] = tile;
      }
    }
    return all;
  }

  private static Tile[] tiles(AttentionShape shape, int sequence) {
    int queries = shape.queries(sequence);
    Tile[] tiles = new Tile[Split.parts(queries, TILE)];
    for (int i = 0; i < tiles.length; i++) {
      int from = i * TILE;
      int to = Math.min(queries, from + TILE);
      tiles[i] =
          new Tile(
              sequence,
              from,
              to,
              shape.firstKey(sequence, from),
              shape.lastKey(sequence, to - 1) + 1);
    }
    return tiles;
  }

  /** Returns how many numbers of P the largest tile has. */
  private static int largest(Tile[] tiles) {
    int largest = 0;
    for (Tile tile : tiles) {
      int keys = tile.endKey() - tile.firstKey();
      largest = Math.max(largest, Math.multiplyExact(tile.to() - tile.from(), keys));
    }
    return largest;
  }

  private static int keyHead(AttentionShape shape, int head) {
    return head / (shape.heads() / shape.keyValueHeads());
  }

  private static Tensor queries(Tensor x, AttentionShape shape, Tile tile, int head) {
    int first = shape.queryOffsets()[tile.sequence()];
    return x.rows(first + tile.from(), first + tile.to())
        .columns(head * shape.headDim(), (head + 1) * shape.headDim());
  }

  private static Tensor keys(Tensor x, AttentionShape shape, Tile tile, int keyHead) {
    int first = shape.keyOffsets()[tile.sequence()];
    return x.rows(first + tile.firstKey(), first + tile.endKey())
        .columns(keyHead * shape.headDim(), (keyHead + 1) * shape.headDim());
  }

  /** Returns P [the tile's queries, the tile's keys], zero where a query does not see a key. */
  private static Tensor probabilities(
      Slot slot, Tensor q, Tensor k, AttentionShape shape, Tile tile, int head) {
    int rows = tile.to() - tile.from();
    int columns = tile.endKey() - tile.firstKey();
    Tensor p = slot.scratch(rows, columns);
    slot.products()
        .timesTransposed(
            shape.scale(),
            queries(q, shape, tile, head),
            keys(k, shape, tile, keyHead(shape, head)),
            0,
            p);
    float[] unseen = slot.line(0, columns);
    Arrays.fill(unseen, 0, columns, Float.NEGATIVE_INFINITY);
    for (int row = 0; row < rows; row++) {
      int query = tile.from() + row;
      int first = shape.firstKey(tile.sequence(), query) - tile.firstKey();
      int end = shape.lastKey(tile.sequence(), query) + 1 - tile.firstKey();
      p.storage().write(p.offset(row), unseen, 0, first);
      p.storage().write(p.offset(row) + end, unseen, 0, columns - end);
    }
    Softmax.forward(slot, p);
    return p;
  }
}
