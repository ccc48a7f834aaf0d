package io.github.lorascope.examples;

import io.github.lorascope.metric.MeanInterval;
import io.github.lorascope.tap.AttentionComparison;
import io.github.lorascope.tap.AttentionMeasurement;
import io.github.lorascope.tap.AttentionQuantity;
import io.github.lorascope.tap.MatchingHead;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Command;

/** Whether reading changed, or where the last token looks. */
@Command(
    name = "AttentionShift",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Measures who attends to whom before and after a training, and which single heads match passages with the query.")
public final class AttentionShift extends Look {
  /** For picocli. */
  public AttentionShift() {}

  /**
   * Runs the program.
   *
   * @param arguments see {@code --help}
   */
  public static void main(String[] arguments) {
    Main.run(new AttentionShift(), arguments);
  }

  @Override
  void look(Subject subject) {
    AttentionMeasurement before = subject.before().attention().orElseThrow();
    AttentionMeasurement after = subject.after().attention().orElseThrow();
    AttentionComparison change = AttentionComparison.of(before, after);
    System.out.println("attention, mean over heads, before; change with its 95% interval");
    System.out.printf(
        Locale.ROOT,
        "%5s  %-34s %-34s %s%n",
        "layer",
        "passage B to query",
        "last token to query",
        "last token to passage B");
    for (int layer : after.layers()) {
      System.out.printf(
          Locale.ROOT,
          "%5d  %-34s %-34s %s%n",
          layer,
          cell(before, change, AttentionQuantity.B_TO_QUERY, layer),
          cell(before, change, AttentionQuantity.LAST_TO_QUERY, layer),
          cell(before, change, AttentionQuantity.LAST_TO_B, layer));
    }
    System.out.println("the head whose passages-to-query attention ranks best by itself:");
    print("untrained", before.matchingHead());
    print("trained", after.matchingHead());
  }

  private static String cell(
      AttentionMeasurement before,
      AttentionComparison change,
      AttentionQuantity quantity,
      int layer) {
    MeanInterval moved = change.of(quantity, layer);
    return String.format(
        Locale.ROOT,
        "%.4f %+.4f [%+.4f, %+.4f]",
        before.mean(quantity, layer).mean(),
        moved.mean(),
        moved.low(),
        moved.high());
  }

  private static void print(String when, Optional<MatchingHead> head) {
    System.out.printf(
        Locale.ROOT,
        "  %-9s %s%n",
        when,
        head.map(AttentionShift::text)
            .orElse("none: too few pairs, or passages that cannot see the query"));
  }

  private static String text(MatchingHead head) {
    return String.format(
        Locale.ROOT,
        "layer %d head %d: %s where it was picked, %s on the other pairs",
        head.layer(),
        head.head(),
        head.picked(),
        head.confirmed());
  }
}
