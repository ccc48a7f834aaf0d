package io.github.lorascope.onnx;

import java.util.List;

/**
 * A constant tensor of a model.
 *
 * @param name what nodes call it
 * @param type its numbers
 * @param shape its dimensions; none: one number
 * @param content its bytes
 */
record Initializer(String name, ElementType type, List<Long> shape, TensorContent content) {
  Initializer {
    shape = List.copyOf(shape);
    long elements = shape.stream().reduce(1L, Math::multiplyExact);
    if (content.bytes() != elements * type.bytes()) {
      throw new IllegalArgumentException(name + " " + shape + ": " + content.bytes() + " bytes");
    }
  }
}
