package io.github.lorascope.data;

import io.github.lorascope.io.AtomicFiles;
import io.github.lorascope.trec.Qrels;
import io.github.lorascope.trec.QueryRanking;
import io.github.lorascope.trec.RunFile;
import io.github.lorascope.trec.RunReader;
import io.github.lorascope.trec.ScoredDocument;
import io.github.lorascope.trec.TextReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.DoubleConsumer;
import java.util.zip.GZIPOutputStream;

/**
 * Makes triples of a first stage's run: beside each passage that was judged relevant, passages that
 * the run has and nobody judged relevant, which are what a reranker is later to tell apart. A pair
 * of a query's passages is drawn at random; the same run, judgments and seed give the same triples.
 *
 * <pre>{@code
 * RunTriples.Made made =
 *     RunTriples.of(RunFile.scan(Path.of("bm25.run")), Qrels.read(Path.of("qrels.train.tsv")))
 *         .passages(Path.of("collection.tsv"))
 *         .queries(Path.of("queries.train.tsv"))
 *         .places(1, 100)
 *         .negatives(4)
 *         .write(Path.of("triples.tsv.gz"));
 * System.out.println(made.triples() + " triples of " + made.queries() + " queries");
 * }</pre>
 */
public final class RunTriples {
  private final RunFile run;
  private final Qrels qrels;
  private Path collection;
  private Path queries;
  private int first = 1;
  private int last = 100;
  private int negatives = 1;
  private int level = 1;
  private long seed;
  private DoubleConsumer progress = share -> {};

  private RunTriples(RunFile run, Qrels qrels) {
    this.run = run;
    this.qrels = qrels;
  }

  /**
   * What was written.
   *
   * @param triples how many
   * @param queries of how many queries
   * @param leftOut how many queries of the run have no relevant passage, or no other within the
   *     places
   */
  public record Made(long triples, int queries, int leftOut) {}

  private record Ids(String query, String positive, String negative) {}

  /**
   * Begins with a run and its judgments.
   *
   * @param run what a first stage found
   * @param qrels which passages are relevant
   * @return the maker, of one irrelevant passage of the first 100 places beside each relevant one
   *     unless told otherwise; collection and queries have to be told
   */
  public static RunTriples of(RunFile run, Qrels qrels) {
    return new RunTriples(
        Objects.requireNonNull(run, "run"), Objects.requireNonNull(qrels, "qrels"));
  }

  /**
   * Says where the passages are.
   *
   * @param file the collection in MS MARCO's or BEIR's form
   * @return this
   */
  public RunTriples passages(Path file) {
    collection = Objects.requireNonNull(file, "collection");
    return this;
  }

  /**
   * Says where the texts of the queries are.
   *
   * @param file the queries in MS MARCO's or BEIR's form
   * @return this
   */
  public RunTriples queries(Path file) {
    queries = Objects.requireNonNull(file, "queries");
    return this;
  }

  /**
   * Says from which places of the run irrelevant passages are drawn. The first places hold most of
   * the relevant passages that nobody judged.
   *
   * @param from the first place, from 1
   * @param to the last place, included
   * @return this
   */
  public RunTriples places(int from, int to) {
    if (from < 1 || to < from) {
      throw new IllegalArgumentException("the places from " + from + " to " + to + " are none");
    }
    first = from;
    last = to;
    return this;
  }

  /**
   * Says how many irrelevant passages are drawn beside each relevant one.
   *
   * @param count at most so many different ones, at least 1
   * @return this
   */
  public RunTriples negatives(int count) {
    if (count < 1) {
      throw new IllegalArgumentException(count + " irrelevant passages: give 1 or more");
    }
    negatives = count;
    return this;
  }

  /**
   * Says which judgments make a passage relevant. One judged lower, but above 0, is neither.
   *
   * @param least the least level, at least 1
   * @return this
   */
  public RunTriples relevanceLevel(int least) {
    if (least < 1) {
      throw new IllegalArgumentException("a relevance level of " + least + ": give 1 or more");
    }
    level = least;
    return this;
  }

  /**
   * Chooses the draws.
   *
   * @param value the seed
   * @return this
   */
  public RunTriples seed(long value) {
    seed = value;
    return this;
  }

  /**
   * Tells how far the reading of the collection is.
   *
   * @param listener is told the share of 1
   * @return this
   */
  public RunTriples progress(DoubleConsumer listener) {
    progress = Objects.requireNonNull(listener, "progress");
    return this;
  }

  /**
   * Draws and writes. Memory holds the texts that are written, each once. A tab or a line break in
   * a text, which BEIR's files may have and a line of triples cannot, becomes a space.
   *
   * @param out the triples, in MS MARCO's form; packed by gzip where the name ends in {@code .gz};
   *     replaced if it exists
   * @return what was written
   * @throws TriplesException if no query gives a triple, or a query or passage is not in its file
   * @throws io.github.lorascope.io.FileReadException if a file is missing or damaged
   * @throws io.github.lorascope.io.FileWriteException if the file system fails
   * @throws IllegalStateException if it was not told where passages and queries are
   */
  public Made write(Path out) {
    if (collection == null || queries == null) {
      throw new IllegalStateException("say where passages and queries are");
    }
    List<Ids> drawn = draw();
    Set<String> wantedQueries = new HashSet<>();
    Set<String> wantedPassages = new HashSet<>();
    for (Ids ids : drawn) {
      wantedQueries.add(ids.query());
      wantedPassages.add(ids.positive());
      wantedPassages.add(ids.negative());
    }
    if (drawn.isEmpty()) {
      throw new TriplesException(
          run.path()
              + " and "
              + qrels.path()
              + " have no query with a relevant passage and another one in the places "
              + first
              + " to "
              + last
              + "; give files of the same queries");
    }
    Map<String, String> asked = texts(queries, wantedQueries, share -> {});
    Map<String, String> passages = texts(collection, wantedPassages, progress);
    AtomicFiles.write(
        out, stream -> write(drawn, asked, passages, out.toString().endsWith(".gz"), stream));
    int used = wantedQueries.size();
    return new Made(drawn.size(), used, run.queries().size() - used);
  }

  private List<Ids> draw() {
    SplittableRandom random = new SplittableRandom(seed);
    List<Ids> drawn = new ArrayList<>();
    try (RunReader reader = run.open()) {
      for (QueryRanking of = reader.next(); of != null; of = reader.next()) {
        Map<String, Integer> judged = qrels.of(of.query());
        List<String> others =
            of.documents().stream()
                .skip(first - 1L)
                .limit(last - first + 1L)
                .map(ScoredDocument::id)
                .filter(id -> judged.getOrDefault(id, 0) <= 0)
                .toList();
        List<String> relevant =
            judged.entrySet().stream()
                .filter(e -> e.getValue() >= level)
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
        for (String positive : relevant) {
          for (String negative : some(others, random)) {
            drawn.add(new Ids(of.query(), positive, negative));
          }
        }
      }
    }
    return drawn;
  }

  /** The first steps of a shuffle. */
  private List<String> some(List<String> others, SplittableRandom random) {
    List<String> left = new ArrayList<>(others);
    int count = Math.min(negatives, left.size());
    for (int i = 0; i < count; i++) {
      int other = random.nextInt(i, left.size());
      String chosen = left.get(other);
      left.set(other, left.get(i));
      left.set(i, chosen);
    }
    return left.subList(0, count);
  }

  private static Map<String, String> texts(Path file, Set<String> ids, DoubleConsumer progress) {
    Map<String, String> texts = TextReader.select(file, ids::contains, progress);
    for (String id : ids) {
      String text = texts.get(id);
      if (text == null || text.isBlank()) {
        throw new TriplesException(
            file
                + (text == null ? " lacks the id " : " has no text for the id ")
                + id
                + ": give the file that run and judgments were made of");
      }
    }
    return texts;
  }

  private static void write(
      List<Ids> drawn,
      Map<String, String> queries,
      Map<String, String> passages,
      boolean packed,
      OutputStream stream)
      throws IOException {
    OutputStream out = packed ? new GZIPOutputStream(stream, 1 << 16) : stream;
    for (Ids ids : drawn) {
      String line =
          field(queries.get(ids.query()))
              + '\t'
              + field(passages.get(ids.positive()))
              + '\t'
              + field(passages.get(ids.negative()))
              + '\n';
      out.write(line.getBytes(StandardCharsets.UTF_8));
    }
    if (out instanceof GZIPOutputStream gzip) {
      gzip.finish();
    }
  }

  private static String field(String text) {
    return text.replace('\t', ' ').replace('\n', ' ').replace('\r', ' ');
  }
}
