package io.github.lorascope.ablation;

import io.github.lorascope.data.PairExample;
import io.github.lorascope.decoder.Adapter;
import io.github.lorascope.decoder.AdapterTensors.Site;
import io.github.lorascope.lora.LoraAdapter;
import io.github.lorascope.metric.MeanInterval;
import io.github.lorascope.metric.PairedAccuracy;
import io.github.lorascope.rerank.PairScore;
import io.github.lorascope.rerank.PassagePair;
import io.github.lorascope.rerank.Reranker;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Switches off the adapter of one layer at a time, without training again, and asks how much worse
 * the answers become: which layers the finished adapter depends on. The others were trained beside
 * that layer, so this is not what a training without it would have come to.
 *
 * <pre>{@code
 * KnockOutResult result =
 *     KnockOut.of(reranker, adapter)
 *         .progress((done, total) -> System.out.printf("%d of %d answers%n", done, total))
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
   * @param adapter what is switched off, layer by layer; it stays as it is
   * @return the analysis
   */
  public static KnockOut of(Reranker reranker, LoraAdapter adapter) {
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
   */
  public KnockOutResult run(List<PairExample> pairs) {
    if (pairs.isEmpty()) {
      throw new IllegalArgumentException("no pairs to ask about");
    }
    List<int[]> prompts =
        pairs.stream()
            .map(p -> reranker.encode(new PassagePair(p.query(), p.a(), p.b())).ids())
            .toList();
    List<Integer> layers =
        List.copyOf(
            adapter.view().values().paths().keySet().stream()
                .map(Site::layer)
                .collect(Collectors.toCollection(TreeSet::new)));
    int total = (layers.size() + 1) * pairs.size();
    Answers whole = answers(adapter.view(), prompts, pairs, 0, total);
    List<KnockOutResult.Row> rows = new ArrayList<>();
    for (int layer : layers) {
      int done = (rows.size() + 1) * pairs.size();
      Answers without = answers(adapter.view().withoutLayer(layer), prompts, pairs, done, total);
      rows.add(row(layer, whole, without));
    }
    return new KnockOutResult(
        provenance, pairs.size(), whole.accuracy().accuracy(), whole.meanMargin(), rows);
  }

  private Answers answers(
      Adapter with, List<int[]> prompts, List<PairExample> pairs, int done, int total) {
    Reranker asked = reranker.withAdapter(with);
    List<PairScore> scores = new ArrayList<>();
    for (int from = 0; from < prompts.size(); from += PAIRS_AT_ONCE) {
      int to = Math.min(prompts.size(), from + PAIRS_AT_ONCE);
      scores.addAll(asked.scoreEncoded(prompts.subList(from, to)));
      progress.done(done + to, total);
    }
    return Answers.of(scores, pairs);
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
