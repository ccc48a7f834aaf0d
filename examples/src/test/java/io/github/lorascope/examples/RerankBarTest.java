package io.github.lorascope.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.lorascope.rerank.RerankProgress;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class RerankBarTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
  private long seconds;

  private List<String> show(boolean terminal) {
    RerankBar bar = new RerankBar(out, terminal, () -> seconds * 1_000_000_000L);
    bar.reranked(new RerankProgress(10, 20, 900, 1800, 0));
    seconds += 30;
    bar.reading(0.5);
    seconds += 30;
    bar.reading(1);
    seconds += 5;
    bar.reranked(new RerankProgress(11, 20, 990, 1800, 0));
    seconds += 10;
    bar.reranked(new RerankProgress(12, 20, 1080, 1800, 0));
    seconds += 30;
    bar.reranked(new RerankProgress(20, 20, 1800, 1800, 0));
    return bytes.toString(StandardCharsets.UTF_8).replace("\r", "\n").lines().toList();
  }

  /** Of what was done before an interrupt and of reading passages the rate knows nothing. */
  @Test
  void elsewhereALineNowAndThenTellsRateAndTimeLeft() {
    assertEquals(
        List.of(
            "reading passages 50 %",
            "reading passages 100 %",
            "[##############----------] 12/20 queries  12.0 pairs/s  1:00 left",
            "[########################] 20/20 queries  20.0 pairs/s  0:00 left"),
        show(false));
  }

  @Test
  void onATerminalTheLineIsRewritten() {
    List<String> lines = show(true);
    assertEquals(7, lines.size());
    assertEquals("[############------------] 10/20 queries", lines.get(1));
    assertEquals("[#############-----------] 11/20 queries  18.0 pairs/s  0:45 left", lines.get(4));
  }

  @Test
  void nothingToAskIsDone() {
    new RerankBar(out, false, () -> 0).reranked(new RerankProgress(1, 1, 0, 0, 0));
    assertEquals(
        "[########################] 1/1 queries", bytes.toString(StandardCharsets.UTF_8).trim());
  }
}
