package io.github.lorascope.checkpoint;

import io.github.lorascope.json.JsonObject;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Finds the sliding window of each layer by the rules of transformers: Llama has none; Phi-3 has
 * one size for all layers; so has Mistral, but with {@code layer_types} only in the layers of that
 * type, for transformers' AutoConfig then takes it for a Ministral; Qwen has one only if {@code
 * use_sliding_window} says so, and then in the layers of {@code layer_types}, or else in those from
 * {@code max_window_layers}.
 */
final class WindowReader {
  /** The kinds of layer that are supported. */
  static final List<String> LAYER_TYPES = List.of("full_attention", "sliding_attention");

  private static final int DEFAULT_WINDOW = 4096;
  private static final int DEFAULT_FIRST_LAYER = 28;

  private final JsonObject json;
  private final ModelType type;
  private final int layers;

  WindowReader(JsonObject json, ModelType type, int layers) {
    this.json = json;
    this.type = type;
    this.layers = layers;
  }

  List<Integer> windows() {
    List<String> layerTypes = layerTypes();
    return switch (type) {
      case LLAMA -> Collections.nCopies(layers, 0);
      case PHI3 -> Collections.nCopies(layers, size(0));
      case MISTRAL -> mistral(layerTypes);
      case QWEN2, QWEN3 -> qwen(layerTypes);
    };
  }

  private List<Integer> mistral(List<String> layerTypes) {
    int size = size(DEFAULT_WINDOW);
    return layerTypes.isEmpty()
        ? Collections.nCopies(layers, size)
        : layerTypes.stream().map(layerType -> slides(layerType) ? size : 0).toList();
  }

  private static boolean slides(String layerType) {
    return layerType.equals("sliding_attention");
  }

  private List<Integer> qwen(List<String> layerTypes) {
    if (!json.bool("use_sliding_window", false)) {
      return Collections.nCopies(layers, 0);
    }
    int size = size(DEFAULT_WINDOW);
    int first = json.integer("max_window_layers", DEFAULT_FIRST_LAYER);
    List<Integer> windows = new ArrayList<>();
    for (int layer = 0; layer < layers; layer++) {
      boolean slides = layerTypes.isEmpty() ? layer >= first : slides(layerTypes.get(layer));
      windows.add(slides ? size : 0);
    }
    return windows;
  }

  /** A window of null means none, unlike one that is left out. */
  private int size(int absent) {
    String field = "sliding_window";
    if (json.isNull(field)) {
      return 0;
    }
    if (!json.has(field)) {
      return absent;
    }
    int size = json.integer(field);
    if (size < 1) {
      throw new CheckpointException(
          json.source() + ": sliding_window " + size + " has to be positive, or null for none");
    }
    return size;
  }

  private List<String> layerTypes() {
    if (!json.has("layer_types")) {
      return List.of();
    }
    List<String> layerTypes = json.strings("layer_types");
    if (layerTypes.size() != layers) {
      throw new CheckpointException(
          json.source()
              + ": layer_types has "
              + layerTypes.size()
              + " entries for num_hidden_layers "
              + layers);
    }
    for (String layerType : layerTypes) {
      if (!LAYER_TYPES.contains(layerType)) {
        throw new CheckpointException(
            json.source()
                + ": layer_types has "
                + layerType
                + ", which is not supported; supported are "
                + String.join(", ", LAYER_TYPES));
      }
    }
    return layerTypes;
  }
}
