package io.github.lorascope.checkpoint;

import java.util.List;

/**
 * What the header of a safetensors file says about one tensor.
 *
 * @param type kind of its elements
 * @param shape sizes of its dimensions, outermost first; none for a single number
 * @param begin first byte, counted from the start of the data
 * @param end one past the last byte
 */
public record TensorInfo(DataType type, List<Long> shape, long begin, long end) {
  /** Copies the shape. */
  public TensorInfo {
    shape = List.copyOf(shape);
  }

  /**
   * Returns the number of elements.
   *
   * @return the product of the shape
   */
  public long elements() {
    return (end - begin) / type.bytes();
  }
}
