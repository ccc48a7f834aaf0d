package io.github.lorascope.ablation;

import io.github.lorascope.data.PairExample;
import io.github.lorascope.decoder.Adapter;
import io.github.lorascope.decoder.AdapterTensors.Site;
import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.decoder.DecoderPass;
import io.github.lorascope.decoder.ResidualEditor;
import io.github.lorascope.decoder.TokenBatch;
import io.github.lorascope.lora.LoraAdapter;
import io.github.lorascope.metric.MeanInterval;
import io.github.lorascope.metric.PairedAccuracy;
import io.github.lorascope.rerank.PairScore;
import io.github.lorascope.rerank.PassagePair;
import io.github.lorascope.rerank.Reranker;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Switches off the adapter of one layer at a time, without training again, and asks how much worse
 * the answers become: which layers the finished adapter depends on. The others were trained beside
 * that layer, so this is not what a training without it would have come to.
 *
 * <pre>{@code
 * KnockOutResult result =
 *     KnockOut.of(reranker, adapter)
 *         .progress((done, total) -> System.out.printf("%d of %d pairs%n", done, total))
 *         .provenance(Map.of("data", triples.sha256()))
 *         .run(pairs);
 * result.write(folder.resolve("knockout.json"));
 * for (KnockOutResult.Row row : result.rows()) {
 *   System.out.printf("layer %d: margin %s%n", row.layer(), row.marginChange());
 * }
 * }</pre>
 *
 * Instances are immutable.
 */
public final class KnockOut {
  private static final int PAIRS_AT_ONCE = 16;
  private static final int TOKENS_AT_ONCE = 4096;

  private final Reranker reranker;
  private final LoraAdapter adapter;
  private final Map<String, String> provenance;
  private final Progress progress;

  private KnockOut(
      Reranker reranker, LoraAdapter adapter, Map<String, String> provenance, Progress progress) {
    this.reranker = reranker;
    this.adapter = adapter;
    this.provenance = Map.copyOf(provenance);
    this.progress = progress;
  }

  /**
   * Begins a knock-out.
   *
   * @param reranker makes the prompts
   * @param adapter what is switched off, layer by layer, of the reranker's decoder; it stays as it
   *     is
   * @return the analysis
   * @throws IllegalArgumentException if the adapter is of another decoder
   */
  public static KnockOut of(Reranker reranker, LoraAdapter adapter) {
    adapter.requireDecoder(reranker.decoder());
    return new KnockOut(reranker, adapter, Map.of(), Progress.SILENT);
  }

  /**
   * Says what the numbers come from.
   *
   * @param values such as the names and hashes of model, data and adapter
   * @return an analysis whose result says so
   */
  public KnockOut provenance(Map<String, String> values) {
    return new KnockOut(reranker, adapter, values, progress);
  }

  /**
   * Sets who is told how far it has come.
   *
   * @param listener is told
   * @return an analysis that tells
   */
  public KnockOut progress(Progress listener) {
    return new KnockOut(reranker, adapter, provenance, listener);
  }

  /**
   * Asks about the pairs once with the whole adapter and once without each layer that has paths.
   *
   * @param pairs the questions, at least one
   * @return what it came to, layers ascending
   * @throws io.github.lorascope.prompt.PromptException if a query leaves no room for its passages
   * @throws io.github.lorascope.rerank.ScoreException if a logit is NaN or infinite
   */
  public KnockOutResult run(List<PairExample> pairs) {
    if (pairs.isEmpty()) {
      throw new IllegalArgumentException("no pairs to ask about");
    }
    List<int[]> prompts =
        pairs.stream()
            .map(p -> reranker.encode(new PassagePair(p.query(), p.a(), p.b())).ids())
            .toList();
    Set<Integer> layers =
        adapter.view().values().paths().keySet().stream()
            .map(Site::layer)
            .collect(Collectors.toSet());
    List<PairScore> whole = new ArrayList<>();
    Map<Integer, List<PairScore>> without = new TreeMap<>();
    for (int from = 0, to; from < prompts.size(); from = to) {
      to = end(prompts, from);
      ask(TokenBatch.of(prompts.subList(from, to)), layers, whole, without);
      progress.done(to, prompts.size());
    }
    Answers all = Answers.of(whole, pairs);
    List<KnockOutResult.Row> rows = new ArrayList<>();
    without.forEach((layer, scores) -> rows.add(row(layer, all, Answers.of(scores, pairs))));
    return new KnockOutResult(
        provenance, pairs.size(), all.accuracy().accuracy(), all.meanMargin(), rows);
  }

  /** Where a batch that starts at a prompt ends. */
  private static int end(List<int[]> prompts, int from) {
    int to = from + 1;
    int tokens = prompts.get(from).length;
    while (to < prompts.size() && to - from < PAIRS_AT_ONCE) {
      tokens += prompts.get(to).length;
      if (tokens > TOKENS_AT_ONCE) {
        break;
      }
      to++;
    }
    return to;
  }

  /** Asks with the whole adapter and, from each layer on, without that layer's paths. */
  private void ask(
      TokenBatch batch,
      Set<Integer> layers,
      List<PairScore> whole,
      Map<Integer, List<PairScore>> without) {
    Decoder decoder = adapter.decoder();
    Adapter all = adapter.view();
    ResidualEditor branches =
        (layer, states) -> {
          if (layers.contains(layer)) {
            try (DecoderPass pass =
                decoder.forwardFrom(layer, states, batch, all.withoutLayer(layer))) {
              without
                  .computeIfAbsent(layer, unused -> new ArrayList<>())
                  .addAll(PairScore.of(pass, 0));
            }
          }
        };
    try (DecoderPass pass = decoder.forwardEdited(batch, all, branches)) {
      whole.addAll(PairScore.of(pass, 0));
    }
  }

  private static KnockOutResult.Row row(int layer, Answers whole, Answers without) {
    PairedAccuracy paired = PairedAccuracy.of(whole.right(), without.right());
    return new KnockOutResult.Row(
        layer,
        without.accuracy(),
        without.meanMargin(),
        MeanInterval.ofDifferences(whole.margins(), without.margins()),
        paired.difference(),
        paired.low(),
        paired.high(),
        paired.probability());
  }
}
