package io.github.lorascope.onnx;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the layers share of a batch's shape.
 *
 * @param batch number of sequences [1]
 * @param sequence tokens of a padded sequence [1]
 * @param positions the positions of all tokens [sequence]
 * @param lastPositions the position of each sequence's last token [batch]
 * @param lastRows where that token is in rows [batch x sequence, ...]
 * @param longest tokens of the longest sequence, padding not counted: one number
 * @param shapes shapes that were made before, by their text
 */
record BatchNodes(
    GraphBuilder graph,
    String batch,
    String sequence,
    String positions,
    String lastPositions,
    String lastRows,
    String longest,
    Map<String, String> shapes) {

  static BatchNodes of(GraphBuilder graph) {
    graph.at("batch");
    String shape = graph.node("Shape", List.of(DecoderGraph.IDS));
    String sequences = graph.gather(shape, graph.integer(0));
    String tokens = graph.gather(shape, graph.integer(1));
    String lengths =
        graph.node(
            "ReduceSum",
            List.of(DecoderGraph.MASK, graph.integers(1)),
            OnnxProto.attribute("keepdims", 0L));
    String before = graph.node("Sub", List.of(lengths, graph.integer(1)));
    String last = graph.node("Max", List.of(before, graph.integer(0)));
    String starts = graph.node("Mul", List.of(range(graph, sequences), tokens));
    return new BatchNodes(
        graph,
        graph.unsqueeze(sequences, 0),
        graph.unsqueeze(tokens, 0),
        range(graph, tokens),
        last,
        graph.node("Add", List.of(starts, last)),
        graph.node("ReduceMax", List.of(lengths), OnnxProto.attribute("keepdims", 0L)),
        new HashMap<>());
  }

  private static String range(GraphBuilder graph, String end) {
    return graph.node("Range", List.of(graph.integer(0), end, graph.integer(1)));
  }

  /** Sees rows [batch x tokens, width] as [batch, tokens, others...]. */
  String divided(String x, long... others) {
    long[] behind = new long[others.length + 1];
    behind[0] = -1;
    System.arraycopy(others, 0, behind, 1, others.length);
    return graph.node("Reshape", List.of(x, shape(batch, graph.integers(behind))));
  }

  /** Sees x in a shape that ends with the tokens of a padded sequence. */
  String overKeys(String x, long... before) {
    return graph.node("Reshape", List.of(x, shape(graph.integers(before), sequence)));
  }

  private String shape(String... parts) {
    return shapes.computeIfAbsent(String.join(" ", parts), text -> graph.concat(0, parts));
  }
}
