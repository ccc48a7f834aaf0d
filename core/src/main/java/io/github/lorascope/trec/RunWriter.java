package io.github.lorascope.trec;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Writes a run in TREC's form, in the order that it is given. Scores come out strictly decreasing
 * and distinct as 32-bit floats, so that every reader finds this order: one that is not below the
 * score before it becomes the next float below.
 */
public final class RunWriter {
  private final OutputStream out;
  private final String tag;

  /**
   * Begins a run.
   *
   * @param out where to, such as the stream that {@link io.github.lorascope.io.AtomicFiles#write}
   *     gives; stays the caller's to close
   * @param tag the run's name, without white space
   * @throws TrecException if the tag is empty or has white space
   */
  public RunWriter(OutputStream out, String tag) {
    this.out = out;
    this.tag = requireWord(tag, "the tag");
  }

  /**
   * Writes what was retrieved for a query.
   *
   * @param ranking the documents, the best first, with finite scores
   * @throws IOException if the stream fails
   * @throws TrecException if an id is empty or has white space, which a run cannot hold
   */
  public void write(QueryRanking ranking) throws IOException {
    String query = requireWord(ranking.query(), "the id of a query");
    List<ScoredDocument> documents = ranking.documents();
    StringBuilder lines = new StringBuilder();
    float last = Float.POSITIVE_INFINITY;
    for (int i = 0; i < documents.size(); i++) {
      ScoredDocument document = documents.get(i);
      last = Math.min(document.score(), Math.nextDown(last));
      if (!Float.isFinite(document.score()) || !Float.isFinite(last)) {
        throw new IllegalArgumentException(
            "the score " + document.score() + " of document " + document.id() + " is not finite");
      }
      lines.append(query).append(" Q0 ");
      lines.append(requireWord(document.id(), "the id of a document")).append(' ');
      lines.append(i + 1).append(' ').append(text(last)).append(' ').append(tag).append('\n');
    }
    out.write(lines.toString().getBytes(StandardCharsets.UTF_8));
  }

  /** As short as can be, unless a reader that goes by way of a double would find another float. */
  private static String text(float score) {
    String text = Float.toString(score);
    return (float) Double.parseDouble(text) == score ? text : Double.toString(score);
  }

  private static String requireWord(String text, String what) {
    if (text.isEmpty() || text.chars().anyMatch(c -> Columns.isSpace((char) c))) {
      throw new TrecException(
          what + ", \"" + text + "\", is empty or has white space, which a TREC run cannot hold");
    }
    return text;
  }
}
