package io.github.lorascope.backend.cuda;

import io.github.lorascope.backend.AttentionShape;
import io.github.lorascope.backend.BackendException;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.StoragePool;
import io.github.lorascope.tensor.Tensor;
import java.util.stream.Stream;

/** Launches the attention kernels: a block a tile of one head of one sequence. */
final class CausalAttention {
  private static final int[] WIDTHS = {32, 64, 96, 128};
  static final int WIDEST = WIDTHS[WIDTHS.length - 1];

  /** Numbers that the kernels in bfloat16 copy at a time where they can: 16 bytes. */
  private static final int CHUNK = 8;

  /** Keys of a query whose products with it are kept, for its mass, in 32 KB of a block. */
  private static final int MOST_KEPT = 8192;

  private final Device device;
  private final StoragePool pool;
  private final IndexLists lists;

  CausalAttention(Device device, StoragePool pool, IndexLists lists) {
    this.device = device;
    this.pool = pool;
    this.lists = lists;
  }

  /** The widths of heads that there are kernels for; narrower heads are padded. */
  static int[] widths() {
    return WIDTHS.clone();
  }

  void forward(Tensor q, Tensor k, Tensor v, AttentionShape shape, Tensor y) {
    NumberType type = DeviceStorage.type(y);
    AttentionTiles tiles = AttentionTiles.of(type);
    int width = width(shape);
    try (MemoryScope scratch = new MemoryScope(pool, "attention")) {
      Launch launch = typed("attention_" + width, type, q, k, v, y);
      shape(launch, shape, offsets(shape, scratch), type, q, k, v)
          .shared(tiles.sharedForward(width))
          .run(tiles.grid(shape, shape::queries, shape.heads()));
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
    NumberType type = DeviceStorage.type(dy);
    AttentionTiles tiles = AttentionTiles.of(type);
    int width = width(shape);
    int queries = q.rows();
    try (MemoryScope scratch = new MemoryScope(pool, "the gradient of attention")) {
      Tensor logSums = scratch.tensor(shape.heads(), queries);
      Tensor dots = scratch.tensor(shape.heads(), queries);
      Tensor[] offsets = offsets(shape, scratch);
      Launch first =
          typed("attention_backward_queries_" + width, type, dy, q, k, v, y, dq)
              .row(logSums)
              .row(dots)
              .value(queries);
      shape(first, shape, offsets, type, dy, q, k, v)
          .shared(tiles.sharedOfQueries(width))
          .run(tiles.grid(shape, shape::queries, shape.heads()));
      Launch second =
          typed("attention_backward_keys_" + width, type, dy, q, k, v, dk, dv)
              .row(logSums)
              .row(dots)
              .value(queries);
      shape(second, shape, offsets, type, dy, q, k, v)
          .shared(tiles.sharedOfKeys(width))
          .run(tiles.grid(shape, shape::keys, shape.keyValueHeads()));
    }
  }

  void weights(Tensor q, Tensor k, AttentionShape shape, int sequence, Tensor p) {
    int queries = shape.queries(sequence);
    int keys = shape.keys(sequence);
    int firstQuery = shape.queryOffsets()[sequence];
    int firstKey = shape.keyOffsets()[sequence];
    Launch launch =
        new Launch(device, "attention_weights", DeviceStorage.type(q))
            .typed(q.rows(firstQuery, firstQuery + queries))
            .typed(k.rows(firstKey, firstKey + keys))
            .matrix(p)
            .value(queries)
            .value(keys);
    heads(launch, shape).run(new Grid(queries, shape.heads(), 1, 2 * AttentionTiles.THREADS));
  }

  void mass(
      Tensor q, Tensor k, AttentionShape shape, int sequence, int from, int[] spans, Tensor y) {
    int queries = shape.queries(sequence);
    int keys = shape.keys(sequence);
    int firstQuery = shape.queryOffsets()[sequence];
    int firstKey = shape.keyOffsets()[sequence];
    int seen = shape.window() == 0 ? keys : Math.min(shape.window(), keys);
    int room = seen <= MOST_KEPT ? seen : 0;
    try (MemoryScope scratch = new MemoryScope(pool, "spans")) {
      Launch launch =
          new Launch(device, "attention_mass", DeviceStorage.type(q))
              .typed(q.rows(firstQuery, firstQuery + queries))
              .typed(k.rows(firstKey, firstKey + keys))
              .row(Transfer.ints(device, scratch, spans))
              .value(spans.length / 2)
              .matrix(y)
              .value(from)
              .value(queries)
              .value(keys)
              .value(room);
      heads(launch, shape)
          .shared(Float.BYTES * room)
          .run(new Grid(y.rows() / shape.heads(), shape.heads(), 1, AttentionTiles.THREADS));
    }
  }

  private Launch typed(String kernel, NumberType type, Tensor... matrices) {
    Launch launch = new Launch(device, kernel, type);
    for (Tensor matrix : matrices) {
      launch.typed(matrix);
    }
    return launch;
  }

  private Tensor[] offsets(AttentionShape shape, MemoryScope scratch) {
    return new Tensor[] {
      lists.lend(shape.queryOffsets(), scratch), lists.lend(shape.keyOffsets(), scratch)
    };
  }

  /** The arguments that kernels over all sequences end with. */
  private static Launch shape(
      Launch launch, AttentionShape shape, Tensor[] offsets, NumberType type, Tensor... read) {
    heads(launch.row(offsets[0]).row(offsets[1]), shape);
    if (type == NumberType.BF16) {
      boolean chunks =
          shape.headDim() % CHUNK == 0
              && Stream.of(read).allMatch(t -> DeviceStorage.aligned(t, CHUNK));
      launch.value(chunks ? 1 : 0);
    }
    return launch;
  }

  /**
   * What all attention kernels are told of the heads. A window wider than all keys would run over
   * where a kernel adds to it.
   */
  private static Launch heads(Launch launch, AttentionShape shape) {
    int keys = shape.keyOffsets()[shape.sequences()];
    return launch
        .value(shape.heads() / shape.keyValueHeads())
        .value(shape.headDim())
        .value(Math.min(shape.window(), keys))
        .value((float) shape.scale());
  }

  private static int width(AttentionShape shape) {
    for (int width : WIDTHS) {
      if (shape.headDim() <= width) {
        return width;
      }
    }
    throw new BackendException(
        "the cuda backend has heads of at most "
            + WIDEST
            + " numbers, not "
            + shape.headDim()
            + ": use the backend 'onednn'");
  }
}
