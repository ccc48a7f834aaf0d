package io.github.lorascope.tap;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.IntFunction;

/**
 * States of the residual stream that a {@link HiddenStateTap} recorded. Those in a file are read
 * layer by layer when they are asked for, so that the file has to stay where it is; nothing has to
 * be closed.
 */
public final class HiddenStates {
  static final String POSITION = "position";

  private static final String PREFIX = "hidden.";
  private static final int NUMBERS_AT_ONCE = 1 << 20;

  private final ExampleSet examples;
  private final List<Integer> layers;
  private final int hidden;
  private final String position;
  private final IntFunction<float[][]> source;

  HiddenStates(
      ExampleSet examples,
      List<Integer> layers,
      int hidden,
      String position,
      IntFunction<float[][]> source) {
    this.examples = examples;
    this.layers = List.copyOf(layers);
    this.hidden = hidden;
    this.position = position;
    this.source = source;
  }

  /**
   * Opens a file of states.
   *
   * @param file written by {@link HiddenStateTap#record}
   * @return the states
   * @throws TapException if the file cannot be read, is cut off or holds something else
   */
  public static HiddenStates read(Path file) {
    TapFile tensors = TapFile.open(file, "hidden states");
    ExampleSet examples = ExampleSet.in(tensors);
    List<Integer> layers = new ArrayList<>();
    for (String name : tensors.names()) {
      if (name.matches("hidden\\.\\d{1,6}")) {
        layers.add(Integer.parseInt(name.substring(PREFIX.length())));
      }
    }
    if (layers.isEmpty()) {
      throw tensors.foreign("it has no tensor " + PREFIX + "N");
    }
    Collections.sort(layers);
    List<Long> shape = tensors.shape(tensor(layers.get(0)));
    int hidden = shape.size() == 2 ? (int) Math.min(shape.get(1), Integer.MAX_VALUE) : -1;
    if (hidden < 1) {
      throw tensors.foreign(tensor(layers.get(0)) + " is of shape " + shape);
    }
    layers.forEach(layer -> tensors.require(tensor(layer), examples.size(), hidden));
    return new HiddenStates(
        examples,
        layers,
        hidden,
        tensors.text(POSITION),
        layer -> rows(tensors, layer, examples.size(), hidden));
  }

  private static float[][] rows(TapFile tensors, int layer, int examples, int hidden) {
    float[][] rows = new float[examples][];
    int together = Math.max(1, NUMBERS_AT_ONCE / Math.max(1, hidden));
    for (int first = 0; first < examples; first += together) {
      int count = Math.min(together, examples - first);
      float[] part = tensors.part(tensor(layer), (long) first * hidden, count * hidden);
      split(part, hidden, rows, first);
    }
    return rows;
  }

  static String tensor(int layer) {
    return PREFIX + layer;
  }

  /** Cuts rows of equal length apart. */
  static void split(float[] together, int length, float[][] rows, int first) {
    for (int i = 0; i < together.length / length; i++) {
      rows[first + i] = Arrays.copyOfRange(together, i * length, (i + 1) * length);
    }
  }

  /**
   * Returns what was recorded.
   *
   * @return numbers of layers that the stream had passed, ascending
   */
  public List<Integer> layers() {
    return layers;
  }

  /**
   * Returns which state of a prompt was recorded.
   *
   * @return {@code last}, or {@code mean of query}, {@code mean of a}, {@code mean of b}
   */
  public String position() {
    return position;
  }

  /**
   * Returns how wide a state is.
   *
   * @return the model's hidden size
   */
  public int hiddenSize() {
    return hidden;
  }

  /**
   * Returns which passages are the relevant ones.
   *
   * @return 0 (A) or 1 (B), one an example
   */
  public int[] labels() {
    return examples.labels().clone();
  }

  /**
   * Tells whether other states are of the same pairs in the same order.
   *
   * @param other the other states
   * @return true if row i is of the same pair in both
   */
  public boolean isOfSameExamples(HiddenStates other) {
    return examples.isSame(other.examples);
  }

  ExampleSet examples() {
    return examples;
  }

  /**
   * Returns the states behind a number of layers.
   *
   * @param layers how many; one of {@link #layers}
   * @return the states [examples, hidden]; from a file they are read anew each time
   * @throws TapException if the file has gone or become shorter
   */
  public float[][] layer(int layers) {
    if (!this.layers.contains(layers)) {
      throw new IllegalArgumentException(
          "no states behind " + layers + " layers were recorded; there are " + this.layers);
    }
    return source.apply(layers);
  }
}
