package io.github.lorascope.gguf;

import java.util.List;

/**
 * What the header of a GGUF file says about one tensor.
 *
 * @param type how its numbers are stored
 * @param shape sizes of its dimensions as the file has them: the one that runs fastest first, so
 *     that a matrix is [columns, rows]
 * @param begin first byte, counted from the start of the data
 * @param bytes how many bytes it takes
 */
public record GgufTensor(GgufType type, List<Long> shape, long begin, long bytes) {
  /** Copies the shape. */
  public GgufTensor {
    shape = List.copyOf(shape);
  }
}
