package io.github.lorascope.backend.cuda;

import io.github.lorascope.backend.AttentionShape;
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
    return Map.of("TILE", rows, "PADDING", padding, "THREADS", THREADS);
  }

  /** Bytes of so many tiles of heads, and of the weights for so many results. */
  int shared(int width, int tiles, int results) {
    return type.bytes() * rows * (tiles * (width + padding) + weights * results * (rows + 1));
  }

  /** A block a tile of a head of a sequence, for the tiles of the longest. */
  Grid grid(AttentionShape shape, IntUnaryOperator rowsOfSequence, int heads) {
    int longest = IntStream.range(0, shape.sequences()).map(rowsOfSequence).max().orElse(0);
    return new Grid(Grid.parts(longest, rows), heads, shape.sequences(), THREADS);
  }
}
