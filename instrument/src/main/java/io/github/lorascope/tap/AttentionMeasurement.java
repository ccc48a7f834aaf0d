package io.github.lorascope.tap;

import io.github.lorascope.checkpoint.SafetensorsWriter;
import io.github.lorascope.metric.MeanInterval;
import io.github.lorascope.metric.Proportion;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What an {@link AttentionTap} measured: seven quantities of every example, layer and head. A value
 * is NaN where what attends has no token, or where what it would look at comes after it, as a query
 * behind its passages does; such examples are left out of means. Immutable.
 */
public final class AttentionMeasurement {
  private final ExampleSet examples;
  private final List<Integer> layers;
  private final int heads;
  private final Map<AttentionQuantity, float[]> values;
  private final Map<MatrixKey, float[]> matrices;

  /** Values lie in [examples, layers, heads], matrices in [heads, tokens, tokens]. */
  AttentionMeasurement(
      ExampleSet examples,
      List<Integer> layers,
      int heads,
      Map<AttentionQuantity, float[]> values,
      Map<MatrixKey, float[]> matrices) {
    this.examples = examples;
    this.layers = List.copyOf(layers);
    this.heads = heads;
    this.values = new EnumMap<>(values);
    this.matrices = new TreeMap<>(matrices);
  }

  /**
   * Returns the layers that were looked at.
   *
   * @return their numbers, from 0, ascending
   */
  public List<Integer> layers() {
    return layers;
  }

  /**
   * Returns how many heads a layer has.
   *
   * @return the number of query heads
   */
  public int heads() {
    return heads;
  }

  /**
   * Returns which passages are the relevant ones.
   *
   * @return 0 (A) or 1 (B), one an example
   */
  public int[] labels() {
    return examples.labels().clone();
  }

  ExampleSet examples() {
    return examples;
  }

  /**
   * Returns one quantity of one head.
   *
   * @param quantity what
   * @param layer the layer, one of {@link #layers}
   * @param head the head, from 0
   * @return one value an example
   */
  public double[] values(AttentionQuantity quantity, int layer, int head) {
    int first = at(layer, head);
    float[] all = values.get(quantity);
    double[] column = new double[examples.size()];
    for (int i = 0; i < column.length; i++) {
      column[i] = all[i * layers.size() * heads + first];
    }
    return column;
  }

  /**
   * Returns one quantity of one layer.
   *
   * @param quantity what
   * @param layer the layer, one of {@link #layers}
   * @return the mean over the heads, one an example
   */
  public double[] values(AttentionQuantity quantity, int layer) {
    double[] means = new double[examples.size()];
    for (int head = 0; head < heads; head++) {
      double[] column = values(quantity, layer, head);
      for (int i = 0; i < means.length; i++) {
        means[i] += column[i] / heads;
      }
    }
    return means;
  }

  /**
   * Averages one quantity of one head over the examples.
   *
   * @param quantity what
   * @param layer the layer, one of {@link #layers}
   * @param head the head, from 0
   * @return the mean with its interval
   */
  public MeanInterval mean(AttentionQuantity quantity, int layer, int head) {
    return MeanInterval.of(finite(values(quantity, layer, head)));
  }

  /**
   * Averages one quantity over the heads of a layer and the examples.
   *
   * @param quantity what
   * @param layer the layer, one of {@link #layers}
   * @return the mean with its interval
   */
  public MeanInterval mean(AttentionQuantity quantity, int layer) {
    return MeanInterval.of(finite(values(quantity, layer)));
  }

  private static double[] finite(double[] all) {
    return Arrays.stream(all).filter(Double::isFinite).toArray();
  }

  /**
   * Ranks by one head's attention alone: the passage whose tokens give the query the larger mass is
   * taken for the relevant one. A head that cannot tell is near one half.
   *
   * @param layer the layer, one of {@link #layers}
   * @param head the head, from 0
   * @return how often that is right, of the examples whose masses differ
   */
  public Proportion matching(int layer, int head) {
    return matching(layer, head, 0, examples.size());
  }

  private Proportion matching(int layer, int head, int from, int to) {
    double[] a = values(AttentionQuantity.A_TO_QUERY, layer, head);
    double[] b = values(AttentionQuantity.B_TO_QUERY, layer, head);
    return Proportion.ofLarger(a, b, examples.labels(), from, to);
  }

  /**
   * Picks the head that ranks best by its attention on the first half of the examples and confirms
   * it on the second.
   *
   * @return the head; of equal ones the first of the lowest layer; empty where there is nothing to
   *     pick on or to confirm it on: of a single example, or of masses that are NaN or equal, and
   *     where no head is ever right on the first half
   */
  public Optional<MatchingHead> matchingHead() {
    int half = examples.size() / 2;
    MatchingHead best = null;
    for (int layer : layers) {
      for (int head = 0; head < heads; head++) {
        Proportion picked = matching(layer, head, 0, half);
        if (best == null || picked.successes() > best.picked().successes()) {
          best =
              new MatchingHead(layer, head, picked, matching(layer, head, half, examples.size()));
        }
      }
    }
    return Optional.ofNullable(best)
        .filter(head -> head.picked().successes() > 0 && head.confirmed().trials() > 0);
  }

  /**
   * Returns a full matrix.
   *
   * @param example the example's place, from 0
   * @param layer the layer, one of {@link #layers}
   * @param head the head, from 0
   * @return who attends (rows) to whom (columns) [tokens, tokens]; empty if it was not kept
   */
  public Optional<float[][]> matrix(int example, int layer, int head) {
    at(layer, head);
    float[] all = matrices.get(new MatrixKey(example, layer));
    if (all == null) {
      return Optional.empty();
    }
    int tokens = (int) Math.round(Math.sqrt(all.length / (double) heads));
    float[][] rows = new float[tokens][];
    for (int t = 0; t < tokens; t++) {
      int start = (head * tokens + t) * tokens;
      rows[t] = Arrays.copyOfRange(all, start, start + tokens);
    }
    return Optional.of(rows);
  }

  private int at(int layer, int head) {
    int index = layers.indexOf(layer);
    if (index < 0 || head < 0 || head >= heads) {
      throw new IllegalArgumentException(
          "no head "
              + head
              + " of layer "
              + layer
              + " was looked at; there are "
              + heads
              + " heads in each of the layers "
              + layers);
    }
    return index * heads + head;
  }

  /**
   * Writes a safetensors file: {@code mass.*} and {@code entropy.last} [examples, layers, heads],
   * {@code layers}, {@code labels} and {@code matrix.EXAMPLE.LAYER} [heads, tokens, tokens].
   *
   * @param file the target; replaced if it exists
   * @param provenance what the numbers come from
   * @throws io.github.lorascope.io.FileWriteException if the file system fails
   */
  public void write(Path file, Map<String, String> provenance) {
    SafetensorsWriter writer = new SafetensorsWriter();
    examples.addTo(writer);
    TapFile.addProvenance(writer, provenance);
    writer.i64("layers", layers.stream().mapToLong(Integer::longValue).toArray(), layers.size());
    values.forEach(
        (quantity, all) ->
            writer.f32(quantity.tensor(), all, examples.size(), layers.size(), heads));
    matrices.forEach(
        (key, all) -> {
          long tokens = Math.round(Math.sqrt(all.length / (double) heads));
          writer.f32(key.tensor(), all, heads, tokens, tokens);
        });
    writer.write(file);
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @param file the file
   * @return the measurement
   * @throws TapException if the file cannot be read or holds something else
   */
  public static AttentionMeasurement read(Path file) {
    TapFile tensors = TapFile.open(file, "a measurement of attention");
    ExampleSet examples = ExampleSet.in(tensors);
    List<Integer> layers = layers(tensors);
    List<Long> shape = tensors.shape(AttentionQuantity.LAST_ENTROPY.tensor());
    if (shape.size() != 3 || shape.get(2) < 1 || shape.get(2) > Integer.MAX_VALUE) {
      throw tensors.foreign("entropy.last is of shape " + shape);
    }
    int heads = Math.toIntExact(shape.get(2));
    Map<AttentionQuantity, float[]> values = new EnumMap<>(AttentionQuantity.class);
    for (AttentionQuantity quantity : AttentionQuantity.values()) {
      values.put(
          quantity, tensors.floats(quantity.tensor(), examples.size(), layers.size(), heads));
    }
    Map<MatrixKey, float[]> matrices = new TreeMap<>();
    for (int layer : layers) {
      for (int example = 0; example < examples.size(); example++) {
        MatrixKey key = new MatrixKey(example, layer);
        if (tensors.names().contains(key.tensor())) {
          List<Long> size = tensors.shape(key.tensor());
          long tokens = size.size() == 3 ? size.get(2) : -1;
          matrices.put(key, tensors.floats(key.tensor(), heads, tokens, tokens));
        }
      }
    }
    return new AttentionMeasurement(examples, layers, heads, values, matrices);
  }

  private static List<Integer> layers(TapFile tensors) {
    List<Integer> layers = new ArrayList<>();
    for (long layer : tensors.longs("layers")) {
      if (layer < 0 || layer > Integer.MAX_VALUE || layers.contains((int) layer)) {
        throw tensors.foreign("its layers have a " + layer + " that is no layer or comes again");
      }
      layers.add((int) layer);
    }
    return layers;
  }
}
