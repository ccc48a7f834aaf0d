package io.github.lorascope.onnx;

import io.github.lorascope.checkpoint.RotaryEmbedding;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The rotary embedding: cosines and sines of the positions of a batch, and rotations by them. As in
 * {@link RotaryEmbedding#frequencies}, the longest sequence of a call chooses its frequencies.
 */
final class RotaryNodes {
  /** Cosines and sines [..., half], in a shape that what is rotated can be multiplied with. */
  record Turn(String cos, String sin) {}

  private final GraphBuilder graph;
  private final int half;
  private final Turn table;
  private final Turn last;
  private final Map<Integer, Turn> all = new HashMap<>();

  private RotaryNodes(GraphBuilder graph, int half, Turn table, Turn last) {
    this.graph = graph;
    this.half = half;
    this.table = table;
    this.last = last;
  }

  static RotaryNodes of(GraphBuilder graph, RotaryEmbedding rotary, BatchNodes batch) {
    graph.at("rotary");
    String frequencies = graph.numbers("rotary.frequencies", array(rotary.frequencies()));
    if (!rotary.longFrequencies().equals(rotary.frequencies())) {
      String others = graph.numbers("rotary.long_frequencies", array(rotary.longFrequencies()));
      String isLong =
          graph.node(
              "Greater", List.of(batch.longest(), graph.integer(rotary.originalPositions())));
      frequencies = graph.node("Where", List.of(isLong, others, frequencies));
    }
    String positions = graph.cast(graph.unsqueeze(batch.positions(), 1), ElementType.FLOAT);
    String angles = graph.node("Mul", List.of(positions, frequencies));
    Turn table =
        new Turn(
            wave(graph, "Cos", angles, rotary.magnitude()),
            wave(graph, "Sin", angles, rotary.magnitude()));
    return new RotaryNodes(
        graph,
        rotary.frequencies().size(),
        table,
        new Turn(ofLast(graph, table.cos(), batch), ofLast(graph, table.sin(), batch)));
  }

  private static float[] array(List<Float> values) {
    float[] array = new float[values.size()];
    for (int i = 0; i < array.length; i++) {
      array[i] = values.get(i);
    }
    return array;
  }

  private static String wave(GraphBuilder graph, String function, String angles, float magnitude) {
    String wave = graph.node(function, List.of(angles));
    return magnitude == 1 ? wave : graph.node("Mul", List.of(wave, graph.number(magnitude)));
  }

  private static String ofLast(GraphBuilder graph, String table, BatchNodes batch) {
    return graph.unsqueeze(graph.gather(table, batch.lastPositions()), 1, 2, 3);
  }

  /** For all tokens, with some axes of size 1 between positions and numbers. */
  Turn all(int axes) {
    return all.computeIfAbsent(
        axes,
        n -> {
          long[] between = new long[n];
          for (int i = 0; i < n; i++) {
            between[i] = i + 1L;
          }
          return new Turn(
              graph.unsqueeze(table.cos(), between), graph.unsqueeze(table.sin(), between));
        });
  }

  /** For each sequence's last token. */
  Turn last() {
    return last;
  }

  /** Rotates heads x [..., width]: (a, b) becomes (a cos - b sin, b cos + a sin). */
  String rotate(String x, int width, Turn turn) {
    List<String> parts =
        2 * half == width
            ? graph.split(x, half, half)
            : graph.split(x, half, half, width - 2L * half);
    String a = parts.get(0);
    String b = parts.get(1);
    List<String> turned = new ArrayList<>(parts);
    turned.set(0, combined("Sub", a, turn.cos(), b, turn.sin()));
    turned.set(1, combined("Add", b, turn.cos(), a, turn.sin()));
    return graph.concat(-1, turned.toArray(String[]::new));
  }

  private String combined(String operator, String a, String factorA, String b, String factorB) {
    return graph.node(
        operator,
        List.of(graph.node("Mul", List.of(a, factorA)), graph.node("Mul", List.of(b, factorB))));
  }
}
