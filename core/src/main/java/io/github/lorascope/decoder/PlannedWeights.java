package io.github.lorascope.decoder;

import io.github.lorascope.backend.Precision;
import io.github.lorascope.decoder.PlannedLayer.Part;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What the frozen weights take on the cuda backend: as products read them, and of those in 4 bits
 * the codes alone where a quarter of the cap is used up by dequantized ones.
 */
final class PlannedWeights {
  private static final int BLOCK = 64;
  private static final int NESTED_BLOCK = 256;
  private static final int CODEBOOK = 16;

  private final StepShape shape;
  private final List<PlannedLayer> layers = new ArrayList<>();
  private final Set<Part> coded = new HashSet<>();
  private long bytes;

  PlannedWeights(StepShape shape) {
    this.shape = shape;
    long hidden = shape.config().hiddenSize();
    bytes = shape.embeddingBytes() * hidden * shape.config().vocabularySize();
    bytes += Float.BYTES * hidden; // the final norm
    long budget = shape.load().backendOptions().memoryCap() / 4;
    for (int index = 0; index < shape.config().layers(); index++) {
      PlannedLayer layer = PlannedLayer.of(shape, index);
      layers.add(layer);
      bytes += 2 * Float.BYTES * hidden; // its norms
      bytes +=
          shape.config().queryKeyNorm() ? 2L * Float.BYTES * shape.config().headDimension() : 0;
      for (Part part : layer.parts()) {
        bytes += part.module().bias() ? Float.BYTES * (long) part.module().outputs() : 0;
        long dense = dense(part);
        boolean fourBit = fourBit() && !part.divided();
        if (fourBit && dense > budget) {
          coded.add(part);
          bytes += codes(part.elements());
        } else {
          bytes += dense;
          budget -= fourBit ? dense : 0;
        }
      }
    }
  }

  List<PlannedLayer> layers() {
    return layers;
  }

  long bytes() {
    return bytes;
  }

  /** Whether a part is dequantized for each use. */
  boolean coded(Part part) {
    return coded.contains(part);
  }

  /** A part as products read it. */
  long dense(Part part) {
    return (shape.load().precision() == Precision.BF16 ? 2L : 4L) * part.elements();
  }

  private boolean fourBit() {
    return switch (shape.load().quantization()) {
      case NF4, NF4_DOUBLE -> true;
      case STORED, F32, BF16 -> false;
    };
  }

  private long codes(long elements) {
    long blocks = (elements + BLOCK - 1) / BLOCK;
    long scales =
        shape.load().quantization() == Quantization.NF4
            ? Float.BYTES * blocks
            : blocks + Float.BYTES * (NESTED_BLOCK + (blocks + NESTED_BLOCK - 1) / NESTED_BLOCK);
    return (elements + 1) / 2 + Float.BYTES * CODEBOOK + scales;
  }
}
