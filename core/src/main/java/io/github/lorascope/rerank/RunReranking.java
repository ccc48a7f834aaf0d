package io.github.lorascope.rerank;

import io.github.lorascope.io.AtomicFiles;
import io.github.lorascope.io.FileDigest;
import io.github.lorascope.io.FileWriteException;
import io.github.lorascope.io.RereadFile;
import io.github.lorascope.io.SameFile;
import io.github.lorascope.prompt.PromptException;
import io.github.lorascope.ranking.Ranker;
import io.github.lorascope.ranking.Ranking;
import io.github.lorascope.ranking.RankingStrategy;
import io.github.lorascope.trec.QueryRanking;
import io.github.lorascope.trec.RunFile;
import io.github.lorascope.trec.RunReader;
import io.github.lorascope.trec.RunWriter;
import io.github.lorascope.trec.ScoredDocument;
import io.github.lorascope.trec.TrecException;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/**
 * Reranks the first documents of each query of a run, and writes the run that this makes. The
 * documents behind them keep their order. A reranked document has the score of its {@link Ranking},
 * 0 to 1, and the others -1, -2 and so on.
 *
 * <p>Each query that is done lies in {@code OUT.partial}, beside the output, until all are: a
 * reranking that was stopped or killed goes on when the same is run anew, and refuses to if its
 * run, collection, queries, model, adapter or settings are others. Memory holds the first
 * documents' passages. One thread at a time, but for {@link #stop}.
 *
 * <pre>{@code
 * RunReranking.of(RunFile.scan(Path.of("bm25.run")))
 *     .passages(Path.of("collection.tsv"))
 *     .queries(Path.of("queries.dev.tsv"))
 *     .topK(20)
 *     .ranker(Ranker.of(RankingStrategy.heapsort()).withWanted(10))
 *     .tag("pairwise")
 *     .run(reranker, Path.of("reranked.run"));
 * }</pre>
 */
public final class RunReranking {
  private final RunFile run;
  private final Map<String, String> settings = new TreeMap<>();
  private Path collection;
  private Path queries;
  private int topK = 20;
  private Ranker ranker = Ranker.of(RankingStrategy.allPairs());
  private String tag = "lorascope";
  private RerankListener listener = RerankListener.NONE;
  private volatile boolean stopped;

  private RunReranking(RunFile run) {
    this.run = run;
  }

  /**
   * Begins with a run.
   *
   * @param run the first stage
   * @return the reranking, of all pairs of the first 20 documents and with the tag "lorascope"
   *     unless told otherwise; its collection and queries have to be told
   */
  public static RunReranking of(RunFile run) {
    return new RunReranking(Objects.requireNonNull(run, "run"));
  }

  /**
   * Says where the passages are.
   *
   * @param file the collection in MS MARCO's or BEIR's form
   * @return this
   */
  public RunReranking passages(Path file) {
    collection = file;
    return this;
  }

  /**
   * Says where the texts of the queries are.
   *
   * @param file the queries in MS MARCO's or BEIR's form
   * @return this
   */
  public RunReranking queries(Path file) {
    queries = file;
    return this;
  }

  /**
   * Says how many documents are reranked.
   *
   * @param documents the first so many of each query, at least 1
   * @return this
   */
  public RunReranking topK(int documents) {
    if (documents < 1) {
      throw new IllegalArgumentException("the first " + documents + " documents: give 1 or more");
    }
    topK = documents;
    return this;
  }

  /**
   * Says how they are ordered.
   *
   * @param other the ranker; what it does is among the settings that an interrupted reranking must
   *     be gone on with
   * @return this
   */
  public RunReranking ranker(Ranker other) {
    ranker = other;
    return this;
  }

  /**
   * Names the run that is written.
   *
   * @param name its last column
   * @return this
   * @throws TrecException if it is empty or has white space
   */
  public RunReranking tag(String name) {
    new RunWriter(OutputStream.nullOutputStream(), name);
    tag = name;
    return this;
  }

  /**
   * Adds what else must be the same for an interrupted reranking to go on. Model and adapter (see
   * {@link ModelIdentity}), the prompt, its limits and how the model computes are among them
   * without being told.
   *
   * @param values by name
   * @return this
   */
  public RunReranking settings(Map<String, String> values) {
    settings.putAll(values);
    return this;
  }

  /**
   * Says who is told how far it is.
   *
   * @param other the listener
   * @return this
   */
  public RunReranking listen(RerankListener other) {
    listener = other;
    return this;
  }

  /** Ends after the query in hand, for good; safe to call from any thread. */
  public void stop() {
    stopped = true;
  }

  /**
   * Reranks, going on with what an interrupted one has left. Blocks until all is done.
   *
   * @param reranker what orders the passages
   * @param out the run to write; replaced if it exists
   * @return whether it came to its end; false if it was stopped, and nothing but {@code
   *     OUT.partial} is written
   * @throws TrecException if the run has a query or a document that the other files lack
   * @throws ResumeException if what is left of an interrupted one was begun differently, or {@code
   *     OUT.partial} is a file of something else
   * @throws io.github.lorascope.io.FileReadException if a file is missing or damaged
   * @throws FileWriteException if the file system fails
   * @throws PromptException if a query leaves no room for its passages
   * @throws ScoreException if a logit is NaN or infinite
   * @throws IllegalStateException if it was not told where passages and queries are
   */
  public boolean run(Reranker reranker, Path out) {
    Map<String, String> all = new TreeMap<>(ModelIdentity.of(reranker));
    all.putAll(settings);
    all.putAll(reranker.settings().values());
    all.put("precision", reranker.decoder().precision().toString());
    all.put("quantization", reranker.decoder().options().quantization().toString());
    all.put("backend", reranker.decoder().backend().name());
    return rerank(reranker, out, all);
  }

  /**
   * Does the same with any scorer, such as an ONNX model. What answers is told by {@link #settings}
   * alone: an interrupted reranking goes on with whatever has the same ones.
   *
   * @param scorer what answers
   * @param out the run to write; replaced if it exists
   * @return whether it came to its end, as for {@link #run(Reranker, Path)}, which it is for a
   *     reranker; it throws the same
   */
  public boolean run(PairScorer scorer, Path out) {
    return scorer instanceof Reranker reranker ? run(reranker, out) : rerank(scorer, out, settings);
  }

  private boolean rerank(PairScorer scorer, Path out, Map<String, String> how) {
    if (collection == null || queries == null) {
      throw new IllegalStateException("say where passages and queries are");
    }
    if (Files.isDirectory(out)) {
      throw new FileWriteException(
          "Cannot write " + out + ": it is a folder", new FileAlreadyExistsException("" + out));
    }
    Path partial = out.resolveSibling(out.getFileName() + ".partial");
    for (Path read : List.of(run.path(), collection, queries)) {
      requireApart(out, read);
      requireApart(partial, read);
    }
    RereadFile.require(collection, "a collection is");
    RereadFile.require(queries, "the queries are");
    Map<String, String> all = new TreeMap<>(how);
    all.put("top_k", Integer.toString(topK));
    all.putAll(ranker.settings());
    all.put("tag", tag);
    all.put(RerankJournal.RUN, FileDigest.sha256(run.path()));
    all.put("collection_sha256", FileDigest.sha256(collection));
    all.put("queries_sha256", FileDigest.sha256(queries));
    try (RerankJournal journal = RerankJournal.open(partial, all)) {
      if (!rerank(scorer, journal)) {
        return false;
      }
      List<QueryRanking> reranked = journal.queries().stream().map(RerankedQuery::ranking).toList();
      AtomicFiles.write(
          out, stream -> RerankedRun.write(run, reranked, new RunWriter(stream, tag)));
      journal.finish();
      return true;
    }
  }

  private static void requireApart(Path written, Path read) {
    if (SameFile.at(written, read)) {
      throw new FileWriteException(
          "Cannot write " + written + ": it is " + read + ", which is read; give another file",
          new FileAlreadyExistsException("" + written));
    }
  }

  private boolean rerank(PairScorer scorer, RerankJournal journal) {
    Set<String> left = new LinkedHashSet<>(run.queries());
    RerankProgress progress = new RerankProgress(0, left.size(), 0, questions(), 0);
    for (RerankedQuery done : journal.queries()) {
      left.remove(done.ranking().query());
      progress = progress.plus(done, questions(done.ranking().query()));
    }
    listener.reranked(progress);
    if (left.isEmpty()) {
      return true;
    }
    RerankTexts texts;
    try {
      texts = RerankTexts.read(run, left, topK, queries, collection, this::reading);
    } catch (StoppedException e) {
      return false;
    }
    if (scorer instanceof Reranker reranker) {
      left.forEach(query -> requireRoom(reranker, query, texts.queries().get(query)));
    }
    try (RunReader reader = run.open()) {
      for (QueryRanking of = reader.next(); of != null; of = reader.next()) {
        if (left.contains(of.query())) {
          if (stopped) {
            return false;
          }
          RerankedQuery reranked = rerank(scorer, of, texts);
          journal.append(reranked);
          progress = progress.plus(reranked, questions(of.query()));
          listener.reranked(progress);
        }
      }
    }
    return true;
  }

  /** Before hours of work, and not in their midst. */
  private static void requireRoom(Reranker reranker, String id, String query) {
    try {
      reranker.encode(new PassagePair(query, "a", "a"));
    } catch (PromptException e) {
      throw tooLong(id, e);
    }
  }

  private static PromptException tooLong(String id, PromptException e) {
    return new PromptException("query " + id + ": " + e.getMessage());
  }

  private long questions() {
    return run.queries().stream().mapToLong(this::questions).sum();
  }

  private long questions(String query) {
    return ranker.questions(Math.min(topK, run.size(query)));
  }

  private void reading(double share) {
    if (stopped) {
      throw new StoppedException();
    }
    listener.reading(share);
  }

  private RerankedQuery rerank(PairScorer scorer, QueryRanking of, RerankTexts texts) {
    List<ScoredDocument> first = of.documents().subList(0, Math.min(topK, of.documents().size()));
    List<String> passages = first.stream().map(d -> texts.passages().get(d.id())).toList();
    Ranking ranking;
    try {
      ranking = scorer.rank(texts.queries().get(of.query()), passages, ranker);
    } catch (PromptException e) {
      throw tooLong(of.query(), e);
    }
    listener.ranked(of.query(), ranking);
    List<ScoredDocument> ranked = new ArrayList<>();
    for (int place = 0; place < first.size(); place++) {
      String id = first.get(ranking.order().get(place)).id();
      ranked.add(new ScoredDocument(id, ranking.scores().get(place).floatValue()));
    }
    return new RerankedQuery(
        new QueryRanking(of.query(), ranked), ranking.asked(), ranking.isComplete());
  }

  /** Ends the reading of the collection. */
  private static final class StoppedException extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }
}
