package io.github.lorascope.ablation;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Decoder layers that are trained while all others stay frozen.
 *
 * @param name names the group's runs: letters, digits, {@code + - _ .}
 * @param layers the layers, from 0, ascending, at least one
 */
public record LayerGroup(String name, List<Integer> layers) {
  /** The depth of the model whose groups are scaled to others. */
  private static final double ARTICLE_LAYERS = 32;

  /** More than any model that loads. */
  private static final int MOST_LAYERS = 1 << 12;

  /** Copies the list and checks name and layers. */
  public LayerGroup {
    layers = layers.stream().sorted().distinct().toList();
    if (!name.matches("[A-Za-z0-9][A-Za-z0-9+_.-]*")) {
      throw new IllegalArgumentException(
          "a group cannot be named '" + name + "': use letters, digits and + - _ .");
    }
    if (layers.isEmpty()) {
      throw new IllegalArgumentException("the group " + name + " has no layers");
    }
  }

  /**
   * Names a range of layers.
   *
   * @param name the name
   * @param first first layer, from 0
   * @param last last layer, included
   * @return the group
   * @throws IllegalArgumentException if it has no layers, or more than any model
   */
  public static LayerGroup range(String name, int first, int last) {
    if (first < 0 || last >= MOST_LAYERS) {
      throw new IllegalArgumentException(
          "the group " + name + " of the layers " + first + " to " + last + ": no model has them");
    }
    return new LayerGroup(name, IntStream.rangeClosed(first, last).boxed().toList());
  }

  /**
   * The groups for a model of 32 layers, all, late 20-31, early+middle 0-19, middle 10-19 and early
   * 0-9, scaled to another depth: with d layers, middle begins at round(10 d / 32) and late at
   * round(20 d / 32). What has no layers in a model of fewer than three, or the same as a group
   * before, is left out.
   *
   * @param depth the model's layers, at least 1
   * @return the groups, in that order
   */
  public static List<LayerGroup> standard(int depth) {
    if (depth < 1) {
      throw new IllegalArgumentException("a model of " + depth + " layers");
    }
    int middle = (int) Math.round(10 * depth / ARTICLE_LAYERS);
    int late = (int) Math.round(20 * depth / ARTICLE_LAYERS);
    List<LayerGroup> groups = new ArrayList<>();
    addRange(groups, "all", 0, depth);
    addRange(groups, "late", late, depth);
    addRange(groups, "early+middle", 0, late);
    addRange(groups, "middle", middle, late);
    addRange(groups, "early", 0, middle);
    return List.copyOf(groups);
  }

  private static void addRange(List<LayerGroup> groups, String name, int from, int end) {
    List<Integer> layers = IntStream.range(from, end).boxed().toList();
    if (!layers.isEmpty() && groups.stream().noneMatch(g -> g.layers().equals(layers))) {
      groups.add(new LayerGroup(name, layers));
    }
  }

  /**
   * For people to read.
   *
   * @return for example {@code middle (6-10)}
   */
  @Override
  public String toString() {
    return name + " (" + ranges() + ")";
  }

  /** For example {@code 0-5,8}. */
  String ranges() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < layers.size(); i++) {
      int first = layers.get(i);
      while (i + 1 < layers.size() && layers.get(i + 1) == layers.get(i) + 1) {
        i++;
      }
      text.append(text.isEmpty() ? "" : ",").append(first);
      if (layers.get(i) > first) {
        text.append('-').append(layers.get(i));
      }
    }
    return text.toString();
  }
}
