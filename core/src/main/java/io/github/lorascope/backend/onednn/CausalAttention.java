package io.github.lorascope.backend.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_bf16;
import static org.bytedeco.dnnl.global.dnnl.dnnl_f32;

import io.github.lorascope.backend.AttentionShape;
import io.github.lorascope.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * y = P v with P = softmax(scale q k^T) over the keys that a query sees, and its gradient. Works
 * tile by tile: some queries of some heads and the keys that at least one of them sees, so that no
 * more than a tile of P exists at once. Where the tensors are in bfloat16, so are the operands of
 * products, but for heads of a size that {@link Bf16Rows#filled} is another of.
 */
final class CausalAttention {
  /** Numbers of P that are computed together: as many as stay in a core's cache. */
  private static final int TOGETHER = 1 << 18;

  /** Tasks that a thread has at least, so that an early one need not wait long. */
  private static final int TURNS = 4;

  private final Workers workers;

  CausalAttention(Workers workers) {
    this.workers = workers;
  }

  /** A task has all tiles of a sequence, or one of them where that makes too few tasks. */
  void forward(Tensor q, Tensor k, Tensor v, AttentionShape shape, Tensor y) {
    int type = type(q, k, v, shape);
    List<List<AttentionTile>> whole =
        longFirst(shape).stream().map(sequence -> AttentionTile.of(shape, sequence)).toList();
    List<HeadChunk> ofWhole = flat(chunks(shape, whole.size()));
    if (whole.size() * ofWhole.size() >= TURNS * workers.threads()) {
      forward(q, k, v, shape, whole, ofWhole, type, y);
      return;
    }
    List<AttentionTile> tiles = new ArrayList<>(flat(whole));
    Collections.reverse(tiles); // the last of a sequence sees most
    List<List<AttentionTile>> single = tiles.stream().map(List::of).toList();
    forward(q, k, v, shape, single, flat(chunks(shape, single.size())), type, y);
  }

  private void forward(
      Tensor q,
      Tensor k,
      Tensor v,
      AttentionShape shape,
      List<List<AttentionTile>> tasks,
      List<HeadChunk> chunks,
      int type,
      Tensor y) {
    workers.run(
        tasks.size() * chunks.size(),
        scratch(shape, tasks, chunks, type),
        (slot, i) -> {
          List<AttentionTile> tiles = tasks.get(i / chunks.size());
          HeadChunk heads = chunks.get(i % chunks.size());
          new TilesForward(slot, shape, tiles, heads, type).run(q, k, v, y);
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
    List<List<HeadChunk>> chunks = chunks(shape, shape.sequences());
    long scratch = 0;
    for (int s = 0; s < shape.sequences(); s++) {
      HeadChunk heads = chunks.get(0).get(0);
      scratch = Math.max(scratch, SequenceBackward.scratch(shape, s, heads, type));
    }
    List<Integer> sequences = longFirst(shape);
    workers.run(
        sequences.size() * chunks.size(),
        scratch,
        (slot, i) ->
            new SequenceBackward(slot, shape, sequences.get(i / chunks.size()), type)
                .run(chunks.get(i % chunks.size()), dy, q, k, v, dq, dk, dv));
  }

  /** P of a sequence, of head after head, zero where a query does not see a key. */
  void weights(Tensor q, Tensor k, AttentionShape shape, int sequence, Tensor p) {
    List<AttentionTile> tiles = AttentionTile.of(shape, sequence);
    List<HeadChunk> chunks = flat(HeadChunk.of(shape, 1));
    workers.run(
        tiles.size() * chunks.size(),
        scratch(shape, tiles.stream().map(List::of).toList(), chunks, dnnl_f32),
        (slot, i) -> {
          AttentionTile tile = tiles.get(i / chunks.size());
          HeadChunk head = chunks.get(i % chunks.size());
          Tensor part =
              new TilesForward(slot, shape, List.of(tile), head, dnnl_f32)
                  .probabilities(q, k)
                  .matrix();
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
      AttentionShape shape, List<List<AttentionTile>> tasks, List<HeadChunk> chunks, int type) {
    HeadChunk largest = chunks.get(0);
    return tasks.stream()
        .filter(tiles -> !tiles.isEmpty())
        .mapToLong(tiles -> TilesForward.scratch(shape, tiles, largest, type))
        .max()
        .orElse(0);
  }

  /** The sequences, those with most work first. */
  private static List<Integer> longFirst(AttentionShape shape) {
    return IntStream.range(0, shape.sequences())
        .boxed()
        .sorted(Comparator.comparingLong(s -> -(long) shape.queries(s) * shape.keys(s)))
        .toList();
  }

  private static <T> List<T> flat(List<List<T>> lists) {
    return lists.stream().flatMap(List::stream).toList();
  }

  private static int type(Tensor q, Tensor k, Tensor v, AttentionShape shape) {
    int dim = shape.headDim();
    return DenseRows.narrow(q, k, v) && Bf16Rows.filled(dim) == dim ? dnnl_bf16 : dnnl_f32;
  }

  /** Divides heads so that a tile stays small and all threads have work. */
  private List<List<HeadChunk>> chunks(AttentionShape shape, int independent) {
    int largest = 1;
    for (AttentionTile tile : AttentionTile.of(shape)) {
      largest = Math.max(largest, tile.rows() * tile.columns());
    }
    int group = shape.heads() / shape.keyValueHeads();
    int parts =
        Math.min(
            shape.keyValueHeads(),
            Split.parts(TURNS * workers.threads(), Math.max(1, independent)));
    int busy = group * Split.size(shape.keyValueHeads(), parts);
    return HeadChunk.of(shape, Math.max(1, Math.min(busy, TOGETHER / largest)));
  }
}
