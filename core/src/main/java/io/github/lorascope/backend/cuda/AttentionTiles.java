package io.github.lorascope.backend.cuda;

import io.github.lorascope.backend.AttentionShape;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/** How the attention kernels for one type of numbers share out their work. */
enum AttentionTiles {
  F32(NumberType.F32, 32, 4, 1),
  BF16(NumberType.BF16, 64, 8, 0);

  static final int THREADS = 128;

  private final NumberType type;
  private final int rows;
  private final int padding;
  private final int weights;

  /**
   * Describes tiles.
   *
   * @param type of their numbers
   * @param rows rows of a tile
   * @param padding numbers between two rows in shared memory
   * @param weights tiles of weights in shared memory for each gradient that a kernel makes
   */
  AttentionTiles(NumberType type, int rows, int padding, int weights) {
    this.type = type;
    this.rows = rows;
    this.padding = padding;
    this.weights = weights;
  }

  static AttentionTiles of(NumberType type) {
    return type == NumberType.F32 ? F32 : BF16;
  }

  /** What the kernels are told. */
  Map<String, Integer> numbers() {
    Map<String, Integer> numbers = new HashMap<>();
    numbers.put("TILE", rows);
    numbers.put("PADDING", padding);
    numbers.put("THREADS", THREADS);
    for (int width : CausalAttention.widths()) {
      numbers.put("QUERIES_" + width, queries(width));
    }
    return numbers;
  }

  /**
   * Queries whose gradients of keys are computed together: with bfloat16, where sums are in
   * registers, so few that all of them fit.
   */
  private int queries(int width) {
    int most = width > 96 ? 16 : width > 64 ? 32 : 64;
    return type == NumberType.BF16 ? most : rows;
  }

  /** Bytes of shared memory for attention: queries, keys and values. */
  int sharedForward(int width) {
    return shared(width, 3 * rows, 1);
  }

  /** Bytes of shared memory for the gradient of queries: they, their results', keys and values. */
  int sharedOfQueries(int width) {
    return shared(width, 4 * rows, 1);
  }

  /** Bytes of shared memory for the gradients of keys and values. */
  int sharedOfKeys(int width) {
    return shared(width, 2 * rows + 2 * queries(width), 2);
  }

  private int shared(int width, int rowsOfHeads, int results) {
    return type.bytes() * (rowsOfHeads * (width + padding) + weights * results * rows * (rows + 1));
  }

  /** A block a tile of a head of a sequence, for the tiles of the longest. */
  Grid grid(AttentionShape shape, IntUnaryOperator rowsOfSequence, int heads) {
    int longest = IntStream.range(0, shape.sequences()).map(rowsOfSequence).max().orElse(0);
    return new Grid(Grid.parts(longest, rows), heads, shape.sequences(), THREADS);
  }
}
