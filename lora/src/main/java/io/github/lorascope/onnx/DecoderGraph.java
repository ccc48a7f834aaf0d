package io.github.lorascope.onnx;

import io.github.lorascope.checkpoint.ModelConfig;
import io.github.lorascope.decoder.LinearModule;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The computation of {@code DecoderLayer} and {@code DecoderPass} as a graph, for a batch that is
 * padded on the right: what stands behind a sequence is never attended to, since attention is
 * causal. States are rows [batch x sequence, hidden]; the last layer asks for last tokens alone.
 */
final class DecoderGraph {
  static final String IDS = "input_ids";
  static final String MASK = "attention_mask";
  static final String LOGITS = "logits";
  static final int LABELS = 2;

  private final GraphBuilder graph;
  private final ModelWeights weights;
  private final ModelConfig config;
  private final LinearNodes linear;
  private final Map<String, LinearModule> modules;

  private DecoderGraph(GraphBuilder graph, ModelWeights weights, LinearNodes linear) {
    this.graph = graph;
    this.weights = weights;
    this.config = weights.config();
    this.linear = linear;
    this.modules =
        LinearModule.of(config).stream()
            .collect(Collectors.toMap(LinearModule::name, Function.identity()));
  }

  /** Makes the graph of a model; apart says whether the adapter's paths stay beside the weights. */
  static GraphBuilder of(ModelWeights weights, OnnxForm form, boolean apart) {
    GraphBuilder graph = new GraphBuilder();
    new DecoderGraph(graph, weights, new LinearNodes(graph, weights, form, apart)).build();
    return graph;
  }

  private void build() {
    BatchNodes batch = BatchNodes.of(graph);
    AttentionNodes attention = new AttentionNodes(graph, config, batch);
    String embedded = linear.embed(IDS);
    String x = graph.reshape(embedded, -1, config.hiddenSize());
    for (int layer = 0; layer < config.layers(); layer++) {
      x = layer(x, layer, attention, batch);
    }
    graph.at("model.norm");
    String gain = graph.numbers("model.norm.weight", weights.finalGain());
    graph.output(linear.head(norm(x, gain)), LOGITS);
  }

  private String layer(String x, int layer, AttentionNodes attention, BatchNodes batch) {
    boolean last = layer == config.layers() - 1;
    String prefix = ModelWeights.prefix(layer);
    String normed = norm(x, layer, "input_layernorm");
    List<String> qkv = queriesKeysValues(normed, layer);
    String q = qkv.get(0);
    String residual = x;
    if (last) {
      graph.at(prefix + "last_tokens");
      q = graph.gather(q, batch.lastRows());
      residual = graph.gather(x, batch.lastRows());
    }
    int keyHeads = config.keyValueHeads();
    int groups = config.heads() / keyHeads;
    int width = config.headDimension();
    graph.at(prefix + "self_attn");
    String attended =
        attention.apply(
            headNorm(batch.divided(q, keyHeads, groups, width), layer, "q_norm"),
            headNorm(batch.divided(qkv.get(1), keyHeads, width), layer, "k_norm"),
            qkv.get(2),
            config.window(layer),
            last);
    String branch = linear.apply(attended, layer, modules.get("o_proj"));
    graph.at(prefix + "self_attn");
    String middle = graph.node("Add", List.of(residual, branch));
    String inner = swiGlu(norm(middle, layer, "post_attention_layernorm"), layer);
    String out = linear.apply(inner, layer, modules.get("down_proj"));
    graph.at(prefix + "mlp");
    return graph.node("Add", List.of(middle, out));
  }

  private List<String> queriesKeysValues(String x, int layer) {
    if (!config.type().fused()) {
      return List.of(
          linear.apply(x, layer, modules.get("q_proj")),
          linear.apply(x, layer, modules.get("k_proj")),
          linear.apply(x, layer, modules.get("v_proj")));
    }
    String fused = linear.apply(x, layer, modules.get("qkv_proj"));
    return graph.split(fused, config.queryWidth(), config.keyValueWidth(), config.keyValueWidth());
  }

  private String swiGlu(String x, int layer) {
    String gate;
    String up;
    if (config.type().fused()) {
      String both = linear.apply(x, layer, modules.get("gate_up_proj"));
      List<String> halves = graph.split(both, config.intermediateSize(), config.intermediateSize());
      gate = halves.get(0);
      up = halves.get(1);
    } else {
      gate = linear.apply(x, layer, modules.get("gate_proj"));
      up = linear.apply(x, layer, modules.get("up_proj"));
    }
    graph.at(ModelWeights.prefix(layer) + "mlp");
    String silu = graph.node("Mul", List.of(gate, graph.node("Sigmoid", List.of(gate))));
    return graph.node("Mul", List.of(silu, up));
  }

  /** Normalizes each head of queries or keys [..., headDimension], in models that do. */
  private String headNorm(String x, int layer, String name) {
    if (!config.queryKeyNorm()) {
      return x;
    }
    String path = "self_attn." + name + ".weight";
    String gain =
        graph.numbers(
            ModelWeights.prefix(layer) + path, weights.vector(layer, path, config.headDimension()));
    return norm(x, gain);
  }

  private String norm(String x, int layer, String name) {
    graph.at(ModelWeights.prefix(layer) + name);
    String gain =
        graph.numbers(
            ModelWeights.prefix(layer) + name + ".weight",
            weights.vector(layer, name + ".weight", config.hiddenSize()));
    return norm(x, gain);
  }

  /** RMSNorm over the last axis. */
  private String norm(String x, String gain) {
    String square = graph.node("Pow", List.of(x, graph.number(2)));
    String mean =
        graph.node("ReduceMean", List.of(square), OnnxProto.attribute("axes", new long[] {-1}));
    String above = graph.node("Add", List.of(mean, graph.number(config.rmsNormEpsilon())));
    String root = graph.node("Sqrt", List.of(above));
    return graph.node("Mul", List.of(graph.node("Div", List.of(x, root)), gain));
  }
}
