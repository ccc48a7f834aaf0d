package io.github.lorascope.examples;

import io.github.lorascope.LorascopeException;
import io.github.lorascope.data.Triples;
import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.io.AtomicFiles;
import io.github.lorascope.json.Json;
import io.github.lorascope.lora.LoraAdapter;
import io.github.lorascope.rerank.Reranker;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Holds the ranking strategies against each other, by quality and by how many pairs they ask. */
@Command(
    name = "CompareRankings",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Ranks BM25's first passages of queries by every strategy, from random order, and prints for each how many"
          + " pairs it asks about and how good its order is.",
      "Every two passages of a query are asked about once, in both positions, and all strategies use"
          + " these answers. An interrupt ends after the query in hand with the table of those that are"
          + " done."
    })
public final class CompareRankings implements Callable<Integer> {
  @Mixin private ModelOptions model;

  @Option(
      names = "--triples",
      paramLabel = "FILE",
      description =
          "Triples with the queries, tab-separated; plain or gzip. Their passages are searched"
              + " (default: the bundled held-out ones; the passages of those for training are searched too).")
  private Path triples;

  @Option(
      names = "--queries",
      paramLabel = "N",
      defaultValue = "100",
      description =
          "The first N queries with a relevant passage among the candidates; 0: all (default:"
              + " ${DEFAULT-VALUE}).")
  private int queries;

  @Option(
      names = "--candidates",
      paramLabel = "N",
      defaultValue = "20",
      description = "Passages of a query (default: ${DEFAULT-VALUE}).")
  private int candidates;

  @Option(
      names = "--wanted",
      paramLabel = "N",
      defaultValue = "10",
      description = "How many of them have to be in order (default: ${DEFAULT-VALUE}).")
  private int wanted;

  @Mixin private AnswerOptions answers;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Chooses the random order and the draws of intervals (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the table's values too.")
  private Path json;

  private volatile boolean stopped;

  /** For picocli. */
  public CompareRankings() {}

  /**
   * Runs the program.
   *
   * @param arguments see {@code --help}
   */
  public static void main(String[] arguments) {
    Main.run(new CompareRankings(), arguments);
  }

  @Override
  public Integer call() {
    if (candidates < 2 || wanted < 1 || queries < 0) {
      throw new IllegalArgumentException(
          candidates
              + " candidates, "
              + wanted
              + " wanted, of "
              + queries
              + " queries: give 2 candidates or more, 1 wanted or more, and 0 for all queries");
    }
    InputGuard.check("--json", json, triples);
    Path folder = model.modelOrBundled();
    InputGuard.check("--json", json, folder);
    InputGuard.check("--json", json, answers.files());
    List<Candidates> all =
        triples == null
            ? Candidates.search(
                Triples.tsv(Bundled.devTriples()),
                List.of(Triples.tsv(Bundled.trainTriples())),
                candidates,
                queries)
            : Candidates.search(Triples.tsv(triples), List.of(), candidates, queries);
    if (all.isEmpty()) {
      throw new LorascopeException(
          "no query has "
              + candidates
              + " passages with a relevant one among them; give fewer candidates");
    }
    List<AnsweredQuery> answered = new ArrayList<>();
    StopOnInterrupt hook = StopOnInterrupt.of(() -> stopped = true);
    try (Decoder decoder = Decoder.load(folder, model.load());
        LoraAdapter adapter = answers.load(decoder);
        Reranker reranker = answers.reranker(decoder, adapter)) {
      for (int i = 0; i < all.size() && !stopped; i++) {
        answered.add(AnsweredQuery.ask(reranker, all.get(i)));
        ProgressLine.show("asking, queries", i + 1, all.size());
      }
      if (answered.isEmpty()) {
        System.err.println("stopped before the first query was done");
        return 1;
      }
      RankingTable table = new RankingTable(answered, wanted, seed);
      System.out.println(answered.size() + " queries of " + candidates + " passages");
      table.print();
      if (json != null) {
        AtomicFiles.writeString(json, Json.writePretty(table.values()));
      }
      return stopped ? 1 : 0;
    } finally {
      hook.end();
    }
  }
}
