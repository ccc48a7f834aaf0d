package io.github.lorascope.examples;

import io.github.lorascope.LorascopeException;
import io.github.lorascope.data.Triple;
import io.github.lorascope.data.Triples;
import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.lora.LoraAdapter;
import io.github.lorascope.rerank.Reranker;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What the programs that rerank a search of the bundled passages have in common. */
final class SearchOptions {
  private static final Path QUICK_START = Path.of("runs", "quickstart", "adapter");
  private static final int LINE = 100;

  @Option(
      names = "--query",
      paramLabel = "TEXT",
      defaultValue = "what is judiciary?",
      description = "What is searched for (default: ${DEFAULT-VALUE}).")
  private String query;

  @Option(
      names = "--hits",
      paramLabel = "N",
      defaultValue = "10",
      description =
          "How many passages are found and reranked, by N (N - 1) pairs (default: ${DEFAULT-VALUE}).")
  private int hits;

  @Option(
      names = "--adapter",
      paramLabel = "DIR",
      description =
          "PEFT folder of the adapter (default: runs/quickstart/adapter, which QuickStart trains,"
              + " if it is there and the model is the bundled one).")
  private Path adapterFolder;

  @Option(
      names = "--zero-shot",
      description =
          "Order by what the untrained language model answers, with its own logits of A and B.")
  private boolean zeroShot;

  @Mixin private PromptOptions prompt;

  @Mixin private ModelOptions model;

  String query() {
    return query;
  }

  int hits() {
    if (hits < 1) {
      throw new IllegalArgumentException(hits + " hits: give 1 or more");
    }
    return hits;
  }

  Decoder decoder() {
    return Decoder.load(model.modelOrBundled(), model.load());
  }

  /** Loads the adapter; null for none. */
  LoraAdapter adapter(Decoder decoder) {
    if (zeroShot) {
      AnswerOptions.requireNone(adapterFolder);
      return null;
    }
    if (adapterFolder != null) {
      return LoraAdapter.load(decoder, adapterFolder);
    }
    if (model.model == null && Files.isDirectory(QUICK_START)) {
      return LoraAdapter.load(decoder, QUICK_START);
    }
    System.err.println(
        "no adapter: the model orders by its classification head, which may be untrained;"
            + " QuickStart trains one for the bundled model, and --zero-shot asks without");
    return null;
  }

  Reranker reranker(Decoder decoder, LoraAdapter adapter) {
    return AnswerOptions.reranker(prompt.reranker(decoder, adapter), zeroShot);
  }

  /** The passages of the bundled triples, those for training too. */
  Set<String> passages() {
    Set<String> passages = new LinkedHashSet<>();
    for (Triple triple : triples()) {
      passages.add(triple.positive());
      passages.add(triple.negative());
    }
    return passages;
  }

  private static List<Triple> triples() {
    List<Triple> triples = new ArrayList<>(Triples.tsv(Bundled.devTriples()).list());
    triples.addAll(Triples.tsv(Bundled.trainTriples()).list());
    return triples;
  }

  /**
   * Prints the order before and after.
   *
   * @throws LorascopeException if nothing was found
   */
  void print(String reranker, List<Hit> before, List<Hit> after) {
    if (before.isEmpty()) {
      throw new LorascopeException(
          "no passage has a word of the query '" + query + "' that counts");
    }
    Set<String> answers =
        triples().stream()
            .filter(triple -> triple.query().equals(query))
            .map(Triple::positive)
            .collect(Collectors.toSet());
    System.out.println("query: " + query + (answers.isEmpty() ? "" : " (* answers it)"));
    System.out.println("by BM25:");
    print(before, before, answers);
    System.out.println("reranked through " + reranker + ":");
    print(after, before, answers);
  }

  /** A line a hit: its place in the first order, its score, and how it begins. */
  private static void print(List<Hit> hits, List<Hit> before, Set<String> answers) {
    List<String> places = before.stream().map(Hit::passage).toList();
    for (Hit hit : hits) {
      System.out.printf(
          Locale.ROOT,
          "  %2d  %6.3f %s %s%n",
          places.indexOf(hit.passage()) + 1,
          hit.score(),
          answers.contains(hit.passage()) ? "*" : " ",
          Excerpt.of(hit.passage(), LINE));
    }
  }
}
