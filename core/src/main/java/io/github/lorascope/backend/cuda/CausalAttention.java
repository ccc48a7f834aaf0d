package io.github.lorascope.backend.cuda;

import io.github.lorascope.backend.AttentionShape;
import io.github.lorascope.backend.BackendException;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.StoragePool;
import io.github.lorascope.tensor.Tensor;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/** Launches the attention kernels: a block a tile of one head of one sequence. */
final class CausalAttention {
  /** As in attention.cuh. */
  private static final int TILE = 32;

  private static final int THREADS = 128;
  private static final int PADDING = 4;
  private static final int[] WIDTHS = {32, 64, 96, 128};

  private final Device device;
  private final StoragePool pool;

  CausalAttention(Device device, StoragePool pool) {
    this.device = device;
    this.pool = pool;
  }

  /** The widths of heads that there are kernels for; narrower heads are padded. */
  static int[] widths() {
    return WIDTHS.clone();
  }

  void forward(Tensor q, Tensor k, Tensor v, AttentionShape shape, Tensor y) {
    int width = width(shape);
    try (MemoryScope scratch = new MemoryScope(pool, "attention")) {
      Launch launch =
          new Launch(device, "attention_" + width).matrix(q).matrix(k).matrix(v).matrix(y);
      shape(launch, shape, offsets(shape, scratch))
          .shared(shared(width, 3, 1))
          .run(new Grid(tiles(shape, shape::queries), shape.heads(), shape.sequences(), THREADS));
    }
  }

  void backward(
      Tensor dy,
      Tensor q,
      Tensor k,
      Tensor v,
      AttentionShape shape,
      Tensor y,
      Tensor dq,
      Tensor dk,
      Tensor dv) {
    int width = width(shape);
    int queries = q.rows();
    try (MemoryScope scratch = new MemoryScope(pool, "the gradient of attention")) {
      Tensor logSums = scratch.tensor(shape.heads(), queries);
      Tensor dots = scratch.tensor(shape.heads(), queries);
      Launch first =
          new Launch(device, "attention_backward_queries_" + width)
              .matrix(dy)
              .matrix(q)
              .matrix(k)
              .matrix(v)
              .matrix(y)
              .matrix(dq)
              .row(logSums)
              .row(dots)
              .value(queries);
      Tensor[] offsets = offsets(shape, scratch);
      shape(first, shape, offsets)
          .shared(shared(width, 4, 1))
          .run(new Grid(tiles(shape, shape::queries), shape.heads(), shape.sequences(), THREADS));
      Launch second =
          new Launch(device, "attention_backward_keys_" + width)
              .matrix(dy)
              .matrix(q)
              .matrix(k)
              .matrix(v)
              .matrix(dk)
              .matrix(dv)
              .row(logSums)
              .row(dots)
              .value(queries);
      shape(second, shape, offsets)
          .shared(shared(width, 4, 2))
          .run(
              new Grid(
                  tiles(shape, shape::keys), shape.keyValueHeads(), shape.sequences(), THREADS));
    }
  }

  void weights(Tensor q, Tensor k, AttentionShape shape, int sequence, Tensor p) {
    int queries = shape.queries(sequence);
    int keys = shape.keys(sequence);
    int firstQuery = shape.queryOffsets()[sequence];
    int firstKey = shape.keyOffsets()[sequence];
    Launch launch =
        new Launch(device, "attention_weights")
            .matrix(q.rows(firstQuery, firstQuery + queries))
            .matrix(k.rows(firstKey, firstKey + keys))
            .matrix(p)
            .value(queries)
            .value(keys);
    heads(launch, shape).run(new Grid(queries, shape.heads(), 1, 2 * THREADS));
  }

  void mass(
      Tensor q, Tensor k, AttentionShape shape, int sequence, int from, int[] spans, Tensor y) {
    int queries = shape.queries(sequence);
    int keys = shape.keys(sequence);
    int firstQuery = shape.queryOffsets()[sequence];
    int firstKey = shape.keyOffsets()[sequence];
    try (MemoryScope scratch = new MemoryScope(pool, "spans")) {
      Launch launch =
          new Launch(device, "attention_mass")
              .matrix(q.rows(firstQuery, firstQuery + queries))
              .matrix(k.rows(firstKey, firstKey + keys))
              .row(Transfer.ints(device, scratch, spans))
              .value(spans.length / 2)
              .matrix(y)
              .value(from)
              .value(queries)
              .value(keys);
      heads(launch, shape).run(new Grid(y.rows() / shape.heads(), shape.heads(), 1, THREADS));
    }
  }

  private Tensor[] offsets(AttentionShape shape, MemoryScope scratch) {
    return new Tensor[] {
      Transfer.ints(device, scratch, shape.queryOffsets()),
      Transfer.ints(device, scratch, shape.keyOffsets())
    };
  }

  private static Launch shape(Launch launch, AttentionShape shape, Tensor[] offsets) {
    return heads(launch.row(offsets[0]).row(offsets[1]), shape);
  }

  /** The arguments that all attention kernels end with. */
  private static Launch heads(Launch launch, AttentionShape shape) {
    return launch
        .value(shape.heads() / shape.keyValueHeads())
        .value(shape.headDim())
        .value(shape.window())
        .value((float) shape.scale());
  }

  /** Tiles of rows of a head, and of weights between two tiles. */
  private static int shared(int width, int tiles, int weights) {
    return Float.BYTES * TILE * (tiles * (width + PADDING) + weights * (TILE + 1));
  }

  private static int width(AttentionShape shape) {
    for (int width : WIDTHS) {
      if (shape.headDim() <= width) {
        return width;
      }
    }
    throw new BackendException(
        "the cuda backend has heads of at most "
            + WIDTHS[WIDTHS.length - 1]
            + " numbers, not "
            + shape.headDim()
            + ": use the backend 'onednn'");
  }

  /** Tiles of the longest sequence. */
  private static int tiles(AttentionShape shape, IntUnaryOperator rows) {
    int longest = IntStream.range(0, shape.sequences()).map(rows).max().orElse(0);
    return Grid.parts(longest, TILE);
  }
}
