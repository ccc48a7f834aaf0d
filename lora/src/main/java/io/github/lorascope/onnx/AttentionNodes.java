package io.github.lorascope.onnx;

import io.github.lorascope.checkpoint.ModelConfig;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Causal attention of padded sequences. Query heads that share a key and value head are multiplied
 * with it together: heads are seen as [key and value heads, groups].
 */
final class AttentionNodes {
  private final GraphBuilder graph;
  private final ModelConfig config;
  private final BatchNodes batch;
  private final RotaryNodes rotary;
  private final Map<String, String> masks = new HashMap<>();

  AttentionNodes(GraphBuilder graph, ModelConfig config, BatchNodes batch) {
    this.graph = graph;
    this.config = config;
    this.batch = batch;
    this.rotary = RotaryNodes.of(graph, config.rotary(), batch);
  }

  /**
   * Adds one attention.
   *
   * @param q queries [batch, asking, keyValueHeads, groups, headDimension]
   * @param k keys [batch, tokens, keyValueHeads, headDimension]
   * @param v values [batch x tokens, keyValueWidth]
   * @param window how many positions back a query sees; 0: all
   * @param last whether each sequence's last token alone asks
   * @return [batch x asking, queryWidth]
   */
  String apply(String q, String k, String v, int window, boolean last) {
    int groups = config.heads() / config.keyValueHeads();
    int width = config.headDimension();
    String mask = masks.computeIfAbsent(window + " " + last, name -> mask(window, last));
    String turned = rotary.rotate(q, width, last ? rotary.last() : rotary.all(2));
    float scale = (float) (1 / Math.sqrt(width));
    String scaled = graph.node("Mul", List.of(turned, graph.number(scale)));
    String queries = graph.reshape(graph.transpose(scaled, 0, 2, 3, 1, 4), 0, 0, -1, width);
    String keys = graph.transpose(rotary.rotate(k, width, rotary.all(1)), 0, 2, 3, 1);
    String values = graph.transpose(batch.divided(v, config.keyValueHeads(), width), 0, 2, 1, 3);
    String products = graph.node("MatMul", List.of(queries, keys));
    String byGroup = batch.overKeys(products, 0, 0, groups, -1);
    String masked = graph.node("Add", List.of(byGroup, mask));
    String softmax = graph.node("Softmax", List.of(masked), OnnxProto.attribute("axis", -1L));
    String together = batch.overKeys(softmax, 0, 0, -1);
    String sums = graph.node("MatMul", List.of(together, values));
    String apart = graph.reshape(sums, 0, 0, groups, -1, width);
    return graph.reshape(graph.transpose(apart, 0, 3, 1, 2, 4), -1, config.queryWidth());
  }

  /** 0 where a query sees a key and -infinity where not: [asking, tokens] behind what is shared. */
  private String mask(int window, boolean last) {
    String asking =
        last
            ? graph.unsqueeze(batch.lastPositions(), 1, 2, 3, 4)
            : graph.unsqueeze(batch.positions(), 1);
    String sees = graph.node("LessOrEqual", List.of(batch.positions(), asking));
    if (window > 0) {
      String back = graph.node("Sub", List.of(asking, batch.positions()));
      String near = graph.node("Less", List.of(back, graph.integer(window)));
      sees = graph.node("And", List.of(sees, near));
    }
    return graph.node(
        "Where", List.of(sees, graph.number(0), graph.number(Float.NEGATIVE_INFINITY)));
  }
}
