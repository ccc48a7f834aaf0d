package io.github.lorascope.examples;

import io.github.lorascope.io.StatusLine;
import io.github.lorascope.io.Terminal;
import io.github.lorascope.ranking.Ranking;
import io.github.lorascope.rerank.RerankListener;
import io.github.lorascope.rerank.RerankProgress;
import java.io.PrintStream;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * Shows the reranking of a run: queries done, pairs a second and time left, as one line that is
 * rewritten on a terminal and as a line now and then elsewhere.
 */
final class RerankBar implements RerankListener {
  private final PrintStream out;
  private final boolean terminal;
  private final LongSupplier nanoTime;
  private final StatusLine line;
  private RerankProgress begun;
  private long start;
  private RerankProgress last;
  private final AnswerSummary answers = new AnswerSummary();

  RerankBar(PrintStream out, boolean terminal, LongSupplier nanoTime) {
    this.out = out;
    this.terminal = terminal;
    this.nanoTime = nanoTime;
    this.line = new StatusLine(out, terminal, nanoTime);
  }

  static RerankBar standard() {
    return new RerankBar(System.err, Terminal.isAttached(), System::nanoTime);
  }

  @Override
  public void reading(double share) {
    line.show(String.format(Locale.ROOT, "reading passages %.0f %%", 100 * share), false);
    start = nanoTime.getAsLong(); // passages are read before the first query: no part of the rate
  }

  @Override
  public void reranked(RerankProgress progress) {
    if (begun == null) {
      begun = progress;
      start = nanoTime.getAsLong();
    }
    last = progress;
    double done =
        progress.allQuestions() == 0 ? 1 : progress.questions() / (double) progress.allQuestions();
    boolean ended = progress.queries() == progress.allQueries();
    line.show(
        String.format(
            Locale.ROOT,
            "%s %d/%d queries%s",
            StatusLine.bar(done),
            progress.queries(),
            progress.allQueries(),
            speed(progress)),
        ended);
    if (ended && terminal) {
      out.println();
    }
  }

  @Override
  public void ranked(String query, Ranking ranking) {
    answers.add(ranking);
  }

  /**
   * What was asked for all queries, and what the answers say of themselves; an interrupted
   * reranking knows that of the queries that were left alone.
   */
  String summary() {
    String asked =
        last.questions()
            + " pairs asked"
            + (last.incomplete() == 0
                ? ""
                : "; the budget ended " + last.incomplete() + " of " + last.queries() + " queries");
    if (answers.text().isEmpty()) {
      return asked;
    }
    int before = begun.queries();
    String of = before == 0 ? "" : "without the " + before + " queries of an earlier start: ";
    return asked + "\n" + of + answers.text();
  }

  /** By what was asked since it was started, not before an interrupt. */
  private String speed(RerankProgress progress) {
    long asked = progress.questions() - begun.questions();
    double seconds = (nanoTime.getAsLong() - start) / 1e9;
    if (asked == 0 || seconds <= 0) {
      return "";
    }
    double rate = asked / seconds;
    long left = Math.round((progress.allQuestions() - progress.questions()) / rate);
    return String.format(Locale.ROOT, "  %.1f pairs/s  %d:%02d left", rate, left / 60, left % 60);
  }
}
