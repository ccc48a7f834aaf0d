package io.github.lorascope.tap;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Layers that a user named, or all of those that a model has. */
record LayerChoice(List<Integer> named) {
  static final LayerChoice ALL = new LayerChoice(List.of());

  static LayerChoice of(int... layers) {
    if (layers.length == 0) {
      throw new IllegalArgumentException("name a layer, or take all");
    }
    return new LayerChoice(Arrays.stream(layers).sorted().distinct().boxed().toList());
  }

  /** The layers in ascending order, of those from 0 to the last. */
  List<Integer> upTo(int last) {
    if (named.isEmpty()) {
      return IntStream.rangeClosed(0, last).boxed().toList();
    }
    for (int layer : named) {
      if (layer < 0 || layer > last) {
        throw new IllegalArgumentException(
            "there is no layer " + layer + "; choose from 0 to " + last);
      }
    }
    return named;
  }
}
