package io.github.lorascope.report.data;

import io.github.lorascope.checkpoint.CheckpointException;
import io.github.lorascope.checkpoint.SafetensorsFile;
import java.nio.ByteBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** How much attention goes where, by example, layer and head. */
public final class AttentionMasses {
  private static final List<String> NAMES =
      List.of(
          "mass.a_to_query",
          "mass.b_to_query",
          "mass.b_to_a",
          "mass.last_to_query",
          "mass.last_to_a",
          "mass.last_to_b",
          "entropy.last");

  private final Map<String, float[]> values;
  private final int[] layers;
  private final int[] labels;
  private final int heads;
  private final String examples;

  private AttentionMasses(
      Map<String, float[]> values, int[] layers, int[] labels, int heads, String examples) {
    this.examples = examples;
    this.values = values;
    this.layers = layers;
    this.labels = labels;
    this.heads = heads;
  }

  static AttentionMasses read(Path path) {
    SafetensorsFile file = SafetensorsFile.open(path);
    int[] layers = integers(file, "layers");
    int[] labels = integers(file, "labels");
    Map<String, float[]> values = new LinkedHashMap<>();
    int heads = 0;
    for (String name : NAMES) {
      if (!file.has(name)) {
        continue;
      }
      List<Long> shape = file.info(name).shape();
      heads = heads == 0 && shape.size() == 3 ? Math.toIntExact(shape.get(2)) : heads;
      List<Long> expected = List.of((long) labels.length, (long) layers.length, (long) heads);
      if (!shape.equals(expected)) {
        throw new CheckpointException(
            path + ": tensor " + name + " has the shape " + shape + " instead of " + expected);
      }
      values.put(name, file.floats(name));
    }
    String examples = file.metadata().getOrDefault("examples_sha256", "");
    return new AttentionMasses(values, layers, labels, heads, examples);
  }

  /** A tensor of whole numbers. */
  static int[] integers(SafetensorsFile file, String name) {
    String type = file.info(name).type().name();
    if (!type.equals("I64")) {
      throw new CheckpointException(file.path() + ": tensor " + name + " is " + type + ", not I64");
    }
    ByteBuffer data = file.data(name);
    LongBuffer longs = data.asLongBuffer();
    int[] out = new int[longs.remaining()];
    for (int i = 0; i < out.length; i++) {
      out[i] = Math.toIntExact(longs.get(i));
    }
    return out;
  }

  /**
   * What was measured.
   *
   * @return the names of the tensors, in a fixed order
   */
  public Set<String> names() {
    return values.keySet();
  }

  /**
   * The layers that were looked at.
   *
   * @return their numbers from 0
   */
  public int[] layers() {
    return layers.clone();
  }

  /**
   * The heads of each layer.
   *
   * @return their number
   */
  public int heads() {
    return heads;
  }

  /**
   * The examples' labels.
   *
   * @return 0 where A is the right passage, 1 where B is
   */
  public int[] labels() {
    return labels.clone();
  }

  /**
   * One head's values.
   *
   * @param name what was measured
   * @param layer index into {@link #layers()}
   * @param head from 0
   * @return a value an example
   */
  public double[] of(String name, int layer, int head) {
    float[] all = values.get(name);
    double[] out = new double[labels.length];
    for (int e = 0; e < out.length; e++) {
      out[e] = all[(e * layers.length + layer) * heads + head];
    }
    return out;
  }

  /**
   * The mean of a layer's heads.
   *
   * @param name what was measured
   * @param layer index into {@link #layers()}
   * @return a value an example
   */
  public double[] ofLayer(String name, int layer) {
    double[] out = new double[labels.length];
    for (int h = 0; h < heads; h++) {
      double[] head = of(name, layer, h);
      for (int e = 0; e < out.length; e++) {
        out[e] += head[e] / heads;
      }
    }
    return out;
  }

  /**
   * The mean of all heads of all layers that were looked at.
   *
   * @param name what was measured
   * @return a value an example
   */
  public double[] ofAll(String name) {
    double[] out = new double[labels.length];
    for (int l = 0; l < layers.length; l++) {
      double[] layer = ofLayer(name, l);
      for (int e = 0; e < out.length; e++) {
        out[e] += layer[e] / layers.length;
      }
    }
    return out;
  }

  /**
   * Checks that the same heads were looked at on the same examples.
   *
   * @param other taken at another time
   * @return what differs, empty where values can be paired
   */
  public Optional<String> differsFrom(AttentionMasses other) {
    if (!Arrays.equals(labels, other.labels) || !examples.equals(other.examples)) {
      return Optional.of("examples");
    }
    return Arrays.equals(layers, other.layers) && heads == other.heads
        ? Optional.empty()
        : Optional.of("heads");
  }
}
