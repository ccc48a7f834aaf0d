package io.github.lorascope.backend.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_bf16;
import static org.bytedeco.dnnl.global.dnnl.dnnl_f32;

import io.github.lorascope.backend.AttentionShape;
import io.github.lorascope.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * y = P v with P = softmax(scale q k^T) over the keys that a query sees, and its gradient. Works
 * tile by tile: some queries of some heads and the keys that at least one of them sees, so that no
 * more than a tile of P exists at once. Where the tensors are in bfloat16, so are the operands of
 * products, but for heads of a size that {@link Bf16Rows#filled} is another of.
 */
final class CausalAttention {
  /** Numbers of P that are computed together: as many as stay in a core's cache. */
  private static final int TOGETHER = 1 << 18;

  private final Workers workers;

  CausalAttention(Workers workers) {
    this.workers = workers;
  }

  void forward(Tensor q, Tensor k, Tensor v, AttentionShape shape, Tensor y) {
    int type = type(q, k, v, shape);
    List<AttentionTile> tiles = AttentionTile.of(shape);
    List<HeadChunk> chunks =
        chunks(shape, tiles, tiles.size()).stream().flatMap(List::stream).toList();
    workers.run(
        tiles.size() * chunks.size(),
        scratch(shape, tiles, chunks, type),
        (slot, i) -> {
          AttentionTile tile =
              tiles.get(tiles.size() - 1 - i / chunks.size()); // the long ones first
          HeadChunk heads = chunks.get(i % chunks.size());
          new TileForward(slot, shape, tile, heads, type).run(q, k, v, y);
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
    int type = type(q, k, v, shape);
    List<AttentionTile> tiles = AttentionTile.of(shape);
    List<List<HeadChunk>> chunks = chunks(shape, tiles, shape.sequences());
    long scratch = 0;
    for (int s = 0; s < shape.sequences(); s++) {
      HeadChunk heads = chunks.get(0).get(0);
      scratch = Math.max(scratch, SequenceBackward.scratch(shape, s, heads, type));
    }
    workers.run(
        shape.sequences() * chunks.size(),
        scratch,
        (slot, i) ->
            new SequenceBackward(slot, shape, i / chunks.size(), type)
                .run(chunks.get(i % chunks.size()), dy, q, k, v, dq, dk, dv));
  }

  /** P of a sequence, of head after head, zero where a query does not see a key. */
  void weights(Tensor q, Tensor k, AttentionShape shape, int sequence, Tensor p) {
    List<AttentionTile> tiles = AttentionTile.of(shape, sequence);
    List<HeadChunk> chunks = HeadChunk.of(shape, 1).stream().flatMap(List::stream).toList();
    workers.run(
        tiles.size() * chunks.size(),
        scratch(shape, tiles, chunks, dnnl_f32),
        (slot, i) -> {
          AttentionTile tile = tiles.get(i / chunks.size());
          HeadChunk head = chunks.get(i % chunks.size());
          Tensor part =
              new TileForward(slot, shape, tile, head, dnnl_f32).probabilities(q, k).matrix();
          float[] line = slot.line(0, p.columns());
          for (int row = 0; row < tile.queries(); row++) {
            Arrays.fill(line, 0, p.columns(), 0);
            part.storage().read(part.offset(row), line, tile.firstKey(), tile.keys());
            int target = head.firstHead() * shape.queries(sequence) + tile.from() + row;
            p.storage().write(p.offset(target), line, 0, p.columns());
          }
        });
  }

  private static long scratch(
      AttentionShape shape, List<AttentionTile> tiles, List<HeadChunk> chunks, int type) {
    HeadChunk largest = chunks.get(0);
    return tiles.stream()
        .mapToLong(tile -> TileForward.scratch(shape, tile, largest, type))
        .max()
        .orElse(0);
  }

  private static int type(Tensor q, Tensor k, Tensor v, AttentionShape shape) {
    int dim = shape.headDim();
    return DenseRows.narrow(q, k, v) && Bf16Rows.filled(dim) == dim ? dnnl_bf16 : dnnl_f32;
  }

  /** Divides heads so that a tile stays small and all threads have work. */
  private List<List<HeadChunk>> chunks(
      AttentionShape shape, List<AttentionTile> tiles, int independent) {
    int largest = 1;
    for (AttentionTile tile : tiles) {
      largest = Math.max(largest, tile.rows() * tile.columns());
    }
    int group = shape.heads() / shape.keyValueHeads();
    int parts = Math.min(shape.keyValueHeads(), Split.parts(4 * workers.threads(), independent));
    int busy = group * Split.size(shape.keyValueHeads(), parts);
    return HeadChunk.of(shape, Math.max(1, Math.min(busy, TOGETHER / largest)));
  }
}
