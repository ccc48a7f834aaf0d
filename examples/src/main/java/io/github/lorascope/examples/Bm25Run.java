package io.github.lorascope.examples;

import io.github.lorascope.io.AtomicFiles;
import io.github.lorascope.trec.IdentifiedText;
import io.github.lorascope.trec.QueryRanking;
import io.github.lorascope.trec.RunWriter;
import io.github.lorascope.trec.TextReader;
import io.github.lorascope.trec.TrecException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.similarities.BM25Similarity;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Makes a first stage: a TREC run by BM25. */
@Command(
    name = "Bm25Run",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Indexes a collection with Lucene, searches it by BM25 (English stop words, Porter's stemming) and writes a TREC"
          + " run, for RerankRun to rerank.",
      "Files may be plain or gzip."
    })
public final class Bm25Run implements Callable<Integer> {
  @Mixin private TextOptions texts;

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "0",
      description = "Search for the first N queries only; 0: all (default: ${DEFAULT-VALUE}).")
  private int limit;

  @Option(
      names = "--hits",
      paramLabel = "N",
      defaultValue = "100",
      description = "The most passages of a query (default: ${DEFAULT-VALUE}).")
  private int hits;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      required = true,
      description = "The run to write; replaced if it exists.")
  private Path out;

  @Option(
      names = "--tag",
      paramLabel = "NAME",
      defaultValue = "bm25",
      description = "The last column of the run (default: ${DEFAULT-VALUE}).")
  private String tag;

  @Option(
      names = "--index",
      paramLabel = "DIR",
      description =
          "Keep the index here, and use it if it is there (default: one that is made and removed).")
  private Path indexFolder;

  @Option(
      names = "--k1",
      paramLabel = "X",
      defaultValue = "0.9",
      description = "BM25's k1: how much repeated words count (default: ${DEFAULT-VALUE}).")
  private float k1;

  @Option(
      names = "--b",
      paramLabel = "X",
      defaultValue = "0.4",
      description =
          "BM25's b, 0 to 1: how much long passages count less (default: ${DEFAULT-VALUE}).")
  private float b;

  private volatile boolean stopped;

  /** For picocli. */
  public Bm25Run() {}

  /**
   * Runs the program.
   *
   * @param arguments see {@code --help}
   */
  public static void main(String[] arguments) {
    Main.run(new Bm25Run(), arguments);
  }

  @Override
  public Integer call() throws IOException {
    InputGuard.check("--out", out, texts.collection, texts.queries);
    if (hits < 1 || limit < 0) {
      throw new IllegalArgumentException(
          hits + " hits of " + limit + " queries: give 1 hit or more, and 0 for all queries");
    }
    new RunWriter(OutputStream.nullOutputStream(), tag); // these two before hours of indexing
    new BM25Similarity(k1, b);
    List<IdentifiedText> queries = queries();
    StopOnInterrupt hook = StopOnInterrupt.of(() -> stopped = true);
    try {
      return index(queries);
    } finally {
      hook.end(); // whatever happens: an exit waits for it
    }
  }

  private int index(List<IdentifiedText> queries) throws IOException {
    if (indexFolder != null) {
      return index(indexFolder, queries);
    }
    try (TemporaryFolder folder =
        TemporaryFolder.of("lorascope-bm25", "give one for the index with --index")) {
      return index(folder.path(), queries);
    }
  }

  private int index(Path folder, List<IdentifiedText> queries) throws IOException {
    try (Bm25Index index = Bm25Index.open(folder, texts.collection, this::indexing)) {
      index.parameters(k1, b);
      AtomicFiles.write(out, stream -> search(index, queries, new RunWriter(stream, tag)));
    } catch (StoppedException e) {
      System.err.println("stopped; nothing is written");
      return 1;
    }
    System.out.println("run: " + out);
    return 0;
  }

  private List<IdentifiedText> queries() {
    Map<String, String> all = TextReader.select(texts.queries, id -> true, share -> {});
    List<IdentifiedText> queries = new ArrayList<>();
    all.forEach((id, text) -> queries.add(new IdentifiedText(id, text)));
    return limit == 0 ? queries : queries.subList(0, Math.min(limit, queries.size()));
  }

  private void indexing(double share) {
    continueUnlessStopped();
    ProgressLine.show("indexing, %", (int) Math.round(100 * share), 100);
  }

  private void search(Bm25Index index, List<IdentifiedText> queries, RunWriter writer)
      throws IOException {
    IndexSearcher.setMaxClauseCount(Integer.MAX_VALUE); // a query may be a whole passage
    int empty = 0;
    for (int i = 0; i < queries.size(); i++) {
      continueUnlessStopped();
      QueryRanking found = index.search(queries.get(i), hits);
      empty += found.documents().isEmpty() ? 1 : 0;
      writer.write(found);
      ProgressLine.show("searching, queries", i + 1, queries.size());
    }
    if (empty == queries.size()) {
      throw new TrecException(
          "no query of "
              + texts.queries
              + " has a word of "
              + texts.collection
              + "; there is no run");
    }
    if (empty > 0) {
      System.err.println(empty + " queries have no word of the collection, and no line in the run");
    }
  }

  private void continueUnlessStopped() {
    if (stopped) {
      throw new StoppedException();
    }
  }

  /** Ends the work on an interrupt. */
  private static final class StoppedException extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }
}
