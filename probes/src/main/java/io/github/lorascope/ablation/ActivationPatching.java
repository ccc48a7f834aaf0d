package io.github.lorascope.ablation;

import io.github.lorascope.data.PairExample;
import io.github.lorascope.decoder.Adapter;
import io.github.lorascope.lora.LoraAdapter;
import io.github.lorascope.prompt.TokenSpan;
import io.github.lorascope.rerank.Reranker;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Replaces states of a run by those of another and asks how far the answer moves: where in the
 * layers, and at which tokens, what decides the answer stands (activation patching; Meng et al.,
 * "Locating and editing factual associations in GPT", 2022; Zhang and Nanda, "Towards best
 * practices of activation patching in language models: metrics and methods", 2024).
 *
 * <pre>{@code
 * PatchingResult result =
 *     ActivationPatching.of(reranker, adapter)
 *         .source(PatchSource.SWAPPED) // the same question with A and B in each other's place
 *         .positions(PatchPosition.LAST, PatchPosition.DOCUMENTS)
 *         .layers(0, 6, 12, 18) // 0: embedding, N: behind N layers
 *         .provenance(Map.of("data", triples.sha256()))
 *         .run(pairs);
 * result.write(folder.resolve("patching.json"));
 * for (PatchingResult.Row row : result.rows()) {
 *   System.out.printf("%d %s: %.0f %%%n", row.layer(), row.position(), 100 * row.share());
 * }
 * }</pre>
 *
 * <p>What stands where: the last token of one run replaces the last token of the other, whatever
 * their lengths. The tokens of a span are replaced one by one, so they have to stand at the same
 * places in both prompts. With {@link PatchSource#UNTRAINED} the prompts are the same. With {@link
 * PatchSource#SWAPPED} and a position that holds passages, the two passages of each pair are cut to
 * the tokens of the shorter, in both prompts; pairs whose spans still differ, because a passage has
 * other tokens in another place, are left out, and counted in the provenance as {@code
 * pairs_left_out}. All rows of a result are of the same pairs and prompts.
 *
 * <p>Instances are immutable.
 */
public final class ActivationPatching {
  private static final int PAIRS_AT_ONCE = 16;
  private static final int TOKENS_AT_ONCE = 4096;

  /** Bounds the kept states of one batch: 256 MB. */
  private static final long NUMBERS_AT_ONCE = 1L << 26;

  private final Reranker reranker;
  private final LoraAdapter adapter;
  private final PatchSource source;
  private final Set<PatchPosition> positions;
  private final Set<Integer> layers;
  private final Map<String, String> provenance;
  private final Progress progress;

  private ActivationPatching(
      Reranker reranker,
      LoraAdapter adapter,
      PatchSource source,
      Set<PatchPosition> positions,
      Set<Integer> layers,
      Map<String, String> provenance,
      Progress progress) {
    this.reranker = reranker;
    this.adapter = adapter;
    this.source = source;
    this.positions = positions;
    this.layers = layers;
    this.provenance = Map.copyOf(provenance);
    this.progress = progress;
  }

  /**
   * Begins a patching of the last token behind every layer, with the states of the swapped prompt.
   *
   * @param reranker makes the prompts
   * @param adapter answers them, of the reranker's decoder
   * @return the analysis
   * @throws IllegalArgumentException if the adapter is of another decoder
   */
  public static ActivationPatching of(Reranker reranker, LoraAdapter adapter) {
    adapter.requireDecoder(reranker.decoder());
    int depth = adapter.decoder().config().layers();
    return new ActivationPatching(
        reranker,
        adapter,
        PatchSource.SWAPPED,
        EnumSet.of(PatchPosition.LAST),
        IntStream.rangeClosed(0, depth).boxed().collect(Collectors.toCollection(TreeSet::new)),
        Map.of(),
        Progress.SILENT);
  }

  /**
   * Chooses where the states come from.
   *
   * @param other the source
   * @return an analysis with that source
   */
  public ActivationPatching source(PatchSource other) {
    return new ActivationPatching(
        reranker, adapter, other, positions, layers, provenance, progress);
  }

  /**
   * Chooses which tokens are patched.
   *
   * @param first a position
   * @param more others; each is patched by itself
   * @return an analysis of those positions
   */
  public ActivationPatching positions(PatchPosition first, PatchPosition... more) {
    return new ActivationPatching(
        reranker, adapter, source, EnumSet.of(first, more), layers, provenance, progress);
  }

  /**
   * Chooses where the states are replaced.
   *
   * @param passed how many layers the states have passed: 0 is the embedding's output, N comes
   *     behind N layers, before the final norm; behind the last layer the last token alone is left
   * @return an analysis of those layers, each patched by itself
   * @throws IllegalArgumentException if there is none, or the model has no such layer
   */
  public ActivationPatching layers(int... passed) {
    if (passed.length == 0) {
      throw new IllegalArgumentException("no layers: name one, or leave all as they are");
    }
    int depth = adapter.decoder().config().layers();
    for (int layer : passed) {
      if (layer < 0 || layer > depth) {
        throw new IllegalArgumentException(
            "the states behind " + layer + " of " + depth + " layers: choose from 0 to " + depth);
      }
    }
    return new ActivationPatching(
        reranker,
        adapter,
        source,
        positions,
        IntStream.of(passed).boxed().collect(Collectors.toCollection(TreeSet::new)),
        provenance,
        progress);
  }

  /**
   * Says what the numbers come from.
   *
   * @param values such as the names and hashes of model, data and adapter
   * @return an analysis whose result says so
   */
  public ActivationPatching provenance(Map<String, String> values) {
    return new ActivationPatching(reranker, adapter, source, positions, layers, values, progress);
  }

  /**
   * Sets who is told how far it has come.
   *
   * @param listener is told
   * @return an analysis that tells
   */
  public ActivationPatching progress(Progress listener) {
    return new ActivationPatching(
        reranker, adapter, source, positions, layers, provenance, listener);
  }

  /**
   * Patches.
   *
   * @param pairs the questions
   * @return the changes, layer by layer
   * @throws IllegalArgumentException if there are no pairs
   * @throws AblationException if the spans of no pair match
   * @throws io.github.lorascope.prompt.PromptException if a query leaves no room for its passages
   * @throws io.github.lorascope.rerank.ScoreException if a logit is NaN or infinite
   */
  public PatchingResult run(List<PairExample> pairs) {
    if (pairs.isEmpty()) {
      throw new IllegalArgumentException("no pairs to ask about");
    }
    List<PatchPair> matched =
        pairs.stream()
            .map(pair -> PatchPair.of(reranker, pair, source, positions))
            .flatMap(Optional::stream)
            .toList();
    if (matched.isEmpty()) {
      throw new AblationException(
          "none of "
              + pairs.size()
              + " pairs has "
              + positions.stream().map(PatchPosition::label).collect(Collectors.joining(", "))
              + " at the same places with its passages swapped: give more pairs, or patch the last"
              + " token alone");
    }
    PatchedMargins margins = new PatchedMargins();
    int done = 0;
    for (List<PatchPair> batch : batches(matched)) {
      run(batch, margins);
      done += batch.size();
      progress.done(done, matched.size());
    }
    Map<String, String> from = new TreeMap<>(provenance);
    from.put("pairs_left_out", Integer.toString(pairs.size() - matched.size()));
    return new PatchingResult(from, matched.size(), source, margins.rows());
  }

  private void run(List<PatchPair> batch, PatchedMargins margins) {
    Adapter trained = adapter.view();
    Adapter from = source == PatchSource.UNTRAINED ? trained.headOnly() : trained;
    try (PatchRun run = new PatchRun(adapter.decoder(), trained, from, batch, layers, positions)) {
      margins.addRuns(run.clean(), run.source());
      for (int layer : layers) {
        for (PatchPosition position : positions) {
          margins.add(new PatchPlace(layer, position), run.patched(layer, position));
        }
      }
    }
  }

  private List<List<PatchPair>> batches(List<PatchPair> pairs) {
    List<List<PatchPair>> batches = new ArrayList<>();
    List<PatchPair> batch = new ArrayList<>();
    long tokens = 0;
    long numbers = 0;
    for (PatchPair pair : pairs) {
      tokens += pair.tokens();
      numbers += numbersKept(pair);
      boolean full =
          batch.size() == PAIRS_AT_ONCE || tokens > TOKENS_AT_ONCE || numbers > NUMBERS_AT_ONCE;
      if (full && !batch.isEmpty()) {
        batches.add(batch);
        batch = new ArrayList<>();
        tokens = pair.tokens();
        numbers = numbersKept(pair);
      }
      batch.add(pair);
    }
    batches.add(batch);
    return batches;
  }

  private long numbersKept(PatchPair pair) {
    long rows =
        positions.stream()
            .flatMap(position -> position.spans(pair.source()).stream())
            .mapToLong(TokenSpan::size)
            .sum();
    return rows * layers.size() * adapter.decoder().config().hiddenSize();
  }
}
