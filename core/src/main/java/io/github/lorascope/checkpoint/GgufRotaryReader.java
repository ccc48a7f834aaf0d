package io.github.lorascope.checkpoint;

import io.github.lorascope.gguf.GgufFile;
import io.github.lorascope.gguf.GgufMetadata;
import io.github.lorascope.weights.Weight;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Makes the rotary embedding of a GGUF file: the plain one, or one whose frequencies are divided by
 * a number or by the file's factors, those of Llama 3.1 or the two lists of LongRoPE.
 */
final class GgufRotaryReader {
  static final String FACTORS = "rope_freqs.weight";
  static final String LONG_FACTORS = "rope_factors_long.weight";
  static final String SHORT_FACTORS = "rope_factors_short.weight";

  private static final double DEFAULT_BASE = 10_000;

  private final GgufFile file;
  private final GgufMetadata keys;
  private final String prefix;
  private final ModelType type;
  private final int headDimension;
  private final int positions;

  GgufRotaryReader(GgufFile file, String prefix, ModelType type, int headDimension, int positions) {
    this.file = file;
    this.keys = file.metadata();
    this.prefix = prefix + "rope.";
    this.type = type;
    this.headDimension = headDimension;
    this.positions = positions;
  }

  RotaryEmbedding read() {
    double base = keys.number(prefix + "freq_base", DEFAULT_BASE);
    if (!(base > 0)) {
      throw refused("freq_base " + base + " has to be positive");
    }
    float stretch = stretch();
    List<Float> plain =
        RotaryEmbedding.plain(base, rotated(), positions).frequencies().stream()
            .map(frequency -> frequency / stretch)
            .toList();
    if (!RotaryEmbedding.fit(plain, positions)) {
      String stretched = stretch == 1 ? "" : " and scaling.factor " + stretch;
      throw refused(
          "freq_base " + base + stretched + " make frequencies that are too large for float32");
    }
    boolean stretchesLong = file.has(LONG_FACTORS);
    if (stretchesLong != file.has(SHORT_FACTORS) || (stretchesLong && file.has(FACTORS))) {
      throw new CheckpointException(
          file.path()
              + " has to have both "
              + SHORT_FACTORS
              + " and "
              + LONG_FACTORS
              + ", or "
              + FACTORS
              + ", or none of them");
    }
    float magnitude = magnitude();
    if (stretchesLong) {
      return new RotaryEmbedding(
          base,
          divided(plain, SHORT_FACTORS),
          divided(plain, LONG_FACTORS),
          originalPositions(),
          magnitude);
    }
    if (keys.text(prefix + "scaling.type", "none").equals("longrope")) {
      throw refused("scaling.type longrope needs the tensors of factors, which are missing");
    }
    List<Float> frequencies = file.has(FACTORS) ? divided(plain, FACTORS) : plain;
    return new RotaryEmbedding(base, frequencies, frequencies, positions, magnitude);
  }

  /**
   * Returns what all frequencies are divided by. YaRN would give other numbers, and so would
   * LongRoPE with a factor beside its lists.
   */
  private float stretch() {
    String kind = keys.text(prefix + "scaling.type", "linear");
    if (!Set.of("none", "linear", "longrope").contains(kind)) {
      throw refused("scaling.type " + kind + " is not supported; none, linear and longrope are");
    }
    double older = keys.number(prefix + "scale_linear", 1);
    double factor = keys.number(prefix + "scaling.factor", older);
    if (factor == 0 || kind.equals("none")) {
      return 1;
    }
    if (!(factor > 0) || (factor != 1 && kind.equals("longrope"))) {
      throw refused("scaling.factor " + factor + " is not supported in a rope of type " + kind);
    }
    return (float) factor;
  }

  /** How many numbers of a head are turned: a part, in Phi-3 only. */
  private int rotated() {
    int rotated = keys.integer(prefix + "dimension_count", headDimension);
    if (rotated < 2
        || rotated % 2 != 0
        || rotated > headDimension
        || (rotated != headDimension && type != ModelType.PHI3)) {
      throw refused(
          "dimension_count "
              + rotated
              + " of heads of "
              + headDimension
              + " is not supported for "
              + type.configName());
    }
    return rotated;
  }

  private int originalPositions() {
    int original = keys.integer(prefix + "scaling.original_context_length", positions);
    if (original < 1) {
      throw refused("scaling.original_context_length " + original + " has to be positive");
    }
    return original;
  }

  private float magnitude() {
    float magnitude = (float) keys.number(prefix + "scaling.attn_factor", 1);
    if (!(magnitude > 0 && magnitude < Float.POSITIVE_INFINITY)) {
      throw refused("scaling.attn_factor " + magnitude + " has to be positive");
    }
    return magnitude;
  }

  private List<Float> divided(List<Float> plain, String name) {
    List<Long> shape = file.info(name).shape();
    if (!shape.equals(List.of((long) plain.size()))) {
      throw new CheckpointException(
          file.path()
              + ": tensor "
              + name
              + " has the shape "
              + shape
              + ", but one factor for each of "
              + plain.size()
              + " frequencies is needed");
    }
    Weight weight = file.weight(name);
    float[] factors = new float[plain.size()];
    weight.read(0, 1, factors, 0);
    List<Float> frequencies = new ArrayList<>();
    for (int i = 0; i < factors.length; i++) {
      if (!(factors[i] > 0)) {
        throw new CheckpointException(
            file.path() + ": tensor " + name + " has " + factors[i] + ", which is not positive");
      }
      frequencies.add(plain.get(i) / factors[i]);
    }
    if (!RotaryEmbedding.fit(frequencies, positions)) {
      throw new CheckpointException(
          file.path() + ": tensor " + name + " makes frequencies that are too large for float32");
    }
    return frequencies;
  }

  private CheckpointException refused(String what) {
    return new CheckpointException(file.path() + ": " + prefix + what);
  }
}
