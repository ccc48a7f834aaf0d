package io.github.lorascope.checkpoint;

import io.github.lorascope.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/**
 * Makes the rotary embedding of config.json, in float32 as transformers does ({@code
 * modeling_rope_utils.py}): the plain one, linear, dynamic, that of Llama 3.1, {@link Yarn}, and
 * LongRoPE (Ding et al., 2024). Anything else is refused, as it would give other numbers unnoticed.
 * transformers 4 writes rope_theta and rope_scaling, transformers 5 rope_parameters.
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
    if (type == ModelType.PHI3 && !kind.equals("default") && !kind.equals("longrope")) {
      throw refused(field + " of type " + kind + " is not supported for phi3; longrope is");
    }
    return switch (kind) {
      case "default" -> plain;
      case "dynamic" -> plain; // it differs beyond the positions of the model, where no batch goes
      case "linear" -> {
        float factor = positive("factor");
        yield scaled(theta, mapped(plain.frequencies(), frequency -> frequency / factor), 1);
      }
      case "llama3" -> scaled(theta, llama3(plain.frequencies()), 1);
      case "yarn" -> yarn(theta, plain.frequencies().size());
      case "longrope" -> longRope(theta, plain.frequencies().size());
      default ->
          throw refused(
              field
                  + " of type "
                  + kind
                  + " is not supported; supported are default, linear, dynamic, llama3, yarn and"
                  + " longrope");
    };
  }

  private RotaryEmbedding scaled(double theta, List<Float> frequencies, double magnitude) {
    requireFitting(frequencies, field + ".factor " + rope.number("factor", 1));
    return new RotaryEmbedding(theta, frequencies, frequencies, maxPositions, (float) magnitude);
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
    float factor = positive("factor");
    float low = positive("low_freq_factor");
    float high = positive("high_freq_factor");
    float original = originalPositions(1);
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
  private int originalPositions(int least) {
    int inside = type == ModelType.PHI3 ? PHI3_ORIGINAL : rope.integer(ORIGINAL, maxPositions);
    int original = json.integer(ORIGINAL, inside);
    if (original < least) {
      throw refused(ORIGINAL + " " + original + " has to be at least " + least);
    }
    return original;
  }

  private double magnitude(double absent) {
    return rope.has("attention_factor") ? positive("attention_factor") : absent;
  }

  private RotaryEmbedding yarn(double theta, int pairs) {
    if (!(theta > 1)) {
      throw refused("rope_theta " + theta + " has to be above 1 in a rope of type yarn");
    }
    int original = originalPositions(1);
    Yarn yarn =
        new Yarn(
            positive("factor"),
            original,
            turns("beta_fast", Yarn.FAST_TURNS),
            turns("beta_slow", Yarn.SLOW_TURNS),
            rope.bool("truncate", true));
    double weight = rope.number("mscale", 0);
    double weightOfAll = rope.number("mscale_all_dim", 0);
    double magnitude =
        weight == 0 || weightOfAll == 0
            ? yarn.magnitude(1)
            : yarn.magnitude(weight) / yarn.magnitude(weightOfAll);
    if (!(magnitude > 0 && magnitude < Float.MAX_VALUE)) {
      throw refused(field + ".mscale and mscale_all_dim make a magnitude of " + magnitude);
    }
    return scaled(theta, yarn.frequencies(theta, pairs), magnitude(magnitude));
  }

  /** Zero is no value, as in transformers. */
  private double turns(String name, double absent) {
    double value = rope.number(name, absent);
    return positive(name, value == 0 ? absent : value);
  }

  private RotaryEmbedding longRope(double theta, int pairs) {
    int original = originalPositions(2);
    double factor = rope.has("factor") ? positive("factor") : (double) maxPositions / original;
    double magnitude = factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(original));
    return new RotaryEmbedding(
        theta,
        stretched(theta, pairs, "short_factor"),
        stretched(theta, pairs, "long_factor"),
        original,
        (float) magnitude(magnitude));
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

  private float positive(String name) {
    return positive(name, rope.number(name));
  }

  private float positive(String name, double given) {
    float value = (float) given;
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
