package io.github.lorascope.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProgressBarTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final ProgressBar bar =
      new ProgressBar(new PrintStream(bytes, true, StandardCharsets.UTF_8), true);

  @Test
  void saysHowFarAndHowFastAndHowLong() {
    bar.started(
        new TrainingStart(
            0,
            false,
            false,
            TrainingOptions.builder().steps(4).build(),
            null,
            null,
            java.util.Optional.empty(),
            java.util.Map.of()));
    bar.stepDone(step(1));
    bar.stepDone(step(2));
    List<String> shown = List.of(bytes.toString(StandardCharsets.UTF_8).split("\r"));
    String first = shown.get(1).strip();
    String second = shown.get(2).strip();
    assertEquals("[######------------------] 1/4  loss 0.5000  accuracy 0.75", first);
    assertTrue(
        second.matches(
            "\\[#{12}-{12}] 2/4  loss 0\\.5000  accuracy 0\\.75  [\\d,]+ tokens/s  \\d+:\\d\\d left"),
        second);
    assertFalse(second.contains(" 0 tokens/s"), second);
  }

  private static StepRecord step(int step) {
    return new StepRecord(step, 0.5, 0.5, 0.75, 0.6, 1e-3, 1, 1_000, 1L << 20);
  }
}
