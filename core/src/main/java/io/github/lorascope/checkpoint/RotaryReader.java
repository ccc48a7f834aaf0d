package io.github.lorascope.checkpoint;

import io.github.lorascope.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/**
 * Makes the rotary embedding of config.json, in float32 as transformers does ({@code
 * modeling_rope_utils.py}): the plain one, that of Llama 3.1, and LongRoPE (Ding et al., 2024).
 * Anything else is refused, as it would give other numbers unnoticed. transformers 4 writes
 * rope_theta and rope_scaling, transformers 5 rope_parameters.
 */
final class RotaryReader {
  private static final double DEFAULT_THETA = 10_000;
  private static final int PHI3_ORIGINAL = 4096;
  private static final String PARTIAL = "partial_rotary_factor";
  private static final String ORIGINAL = "original_max_position_embeddings";

  private final JsonObject json;
  private final ModelType type;
  private final int headDimension;
  private final int maxPositions;
  private String field = "rope_parameters";
  private JsonObject rope;

  RotaryReader(JsonObject json, ModelType type, int headDimension, int maxPositions) {
    this.json = json;
    this.type = type;
    this.headDimension = headDimension;
    this.maxPositions = maxPositions;
    this.rope = json;
  }

  RotaryEmbedding read() {
    for (String name : List.of("rope_parameters", "rope_scaling")) {
      if (json.has(name) && !json.object(name).names().isEmpty()) {
        field = name;
        rope = json.object(name);
      }
    }
    for (String layerType : WindowReader.LAYER_TYPES) {
      if (rope.has(layerType)) {
        throw refused(field + " with values of their own for " + layerType + " is not supported");
      }
    }
    double theta = either("rope_theta", DEFAULT_THETA);
    if (!(theta > 0)) {
      throw refused("rope_theta " + theta + " has to be positive");
    }
    RotaryEmbedding plain = RotaryEmbedding.plain(theta, rotated(), maxPositions);
    requireFitting(plain.frequencies(), "rope_theta " + theta);
    String kind =
        rope == json ? "default" : rope.string("rope_type", rope.string("type", "default"));
    if (type == ModelType.PHI3 && (kind.equals("su") || kind.equals("yarn"))) {
      kind = "longrope"; // what the first releases called it
    }
    return switch (kind) {
      case "default" -> plain;
      case "llama3" -> {
        List<Float> scaled = llama3(plain.frequencies());
        requireFitting(scaled, field + ".factor " + rope.number("factor"));
        yield new RotaryEmbedding(theta, scaled, scaled, maxPositions, 1);
      }
      case "longrope" -> longRope(theta, plain.frequencies().size());
      default ->
          throw refused(
              field
                  + " of type "
                  + kind
                  + " is not supported; supported are default, llama3 and longrope");
    };
  }

  /** How many numbers of a head are turned: a part, in Phi-3 only. */
  private int rotated() {
    double part = either(PARTIAL, 1);
    if (part != 1 && type != ModelType.PHI3) {
      throw refused(PARTIAL + " " + part + " is not supported for " + type.configName());
    }
    int rotated = (int) (headDimension * part);
    if (!(part > 0 && part <= 1) || rotated < 2 || rotated % 2 != 0) {
      throw refused(
          PARTIAL + " " + part + " of heads of " + headDimension + " is no even number of them");
    }
    return rotated;
  }

  /** Long waves are stretched by the factor, short ones stay, and between them it blends. */
  private List<Float> llama3(List<Float> plain) {
    float factor = positive(rope, "factor");
    float low = positive(rope, "low_freq_factor");
    float high = positive(rope, "high_freq_factor");
    float original = originalPositions();
    if (!(original > 0)) {
      throw refused(ORIGINAL + " " + original + " has to be positive");
    }
    if (!(high > low)) {
      throw refused(
          field + ".high_freq_factor " + high + " has to be above low_freq_factor " + low);
    }
    return mapped(
        plain,
        frequency -> {
          double wavelength = 2 * Math.PI / frequency;
          if (wavelength < original / high) {
            return frequency;
          }
          if (wavelength > original / low) {
            return frequency / factor;
          }
          double smooth = (original / wavelength - low) / (high - low);
          return (1 - smooth) * frequency / factor + smooth * frequency;
        });
  }

  /**
   * A field of the configuration's own goes before what stands beside the factors; Phi-3's has a
   * default.
   */
  private int originalPositions() {
    if (type == ModelType.PHI3) {
      return json.integer(ORIGINAL, PHI3_ORIGINAL);
    }
    return json.has(ORIGINAL) ? json.integer(ORIGINAL) : rope.integer(ORIGINAL, maxPositions);
  }

  private RotaryEmbedding longRope(double theta, int pairs) {
    int original = originalPositions();
    if (original < 2) {
      throw refused(ORIGINAL + " " + original + " has to be at least 2");
    }
    double factor =
        rope.has("factor") ? positive(rope, "factor") : (double) maxPositions / original;
    double magnitude = factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(original));
    if (rope.has("attention_factor")) {
      magnitude = positive(rope, "attention_factor");
    }
    return new RotaryEmbedding(
        theta,
        stretched(theta, pairs, "short_factor"),
        stretched(theta, pairs, "long_factor"),
        original,
        (float) magnitude);
  }

  private List<Float> stretched(double theta, int pairs, String name) {
    List<Double> factors = rope.numbers(name);
    if (factors.size() != pairs) {
      throw refused(field + "." + name + " has " + factors.size() + " numbers, not " + pairs);
    }
    List<Float> frequencies = new ArrayList<>();
    for (int i = 0; i < pairs; i++) {
      float factor = factors.get(i).floatValue();
      if (!(factor > 0 && factor < Float.POSITIVE_INFINITY)) {
        throw refused(field + "." + name + " has " + factor + ", which is not positive");
      }
      frequencies.add(RotaryEmbedding.frequency(theta, i, 2 * pairs, factor));
    }
    requireFitting(frequencies, field + "." + name);
    return frequencies;
  }

  private void requireFitting(List<Float> frequencies, String origin) {
    if (!RotaryEmbedding.fit(frequencies, maxPositions)) {
      throw refused(origin + " makes frequencies that are too large for float32");
    }
  }

  private static List<Float> mapped(List<Float> values, DoubleUnaryOperator function) {
    return values.stream().map(v -> (float) function.applyAsDouble(v)).toList();
  }

  private float positive(JsonObject from, String name) {
    float value = (float) from.number(name);
    if (!(value > 0 && value < Float.POSITIVE_INFINITY)) {
      throw refused(field + "." + name + " " + value + " has to be positive");
    }
    return value;
  }

  /** A number that may stand among the rope's values or beside them. */
  private double either(String name, double absent) {
    return rope.has(name) ? rope.number(name) : json.number(name, absent);
  }

  private CheckpointException refused(String what) {
    return new CheckpointException(json.source() + ": " + what);
  }
}
