package io.github.lorascope.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScheduleTest {
  @ParameterizedTest
  @CsvSource({
    "constant, 0, 100, 10, 0.1",
    "constant, 9, 100, 10, 1",
    "constant, 99, 100, 0, 1",
    "linear, 0, 100, 10, 0.1",
    "linear, 4, 100, 10, 0.48",
    "linear, 9, 100, 10, 0.91",
    "linear, 50, 100, 10, 0.5",
    "linear, 99, 100, 10, 0.01",
    "linear, 0, 100, 0, 1",
    "linear, 0, 1, 1, 1",
    "cosine, 0, 100, 10, 0.1",
    "cosine, 50, 100, 10, 0.5",
    "cosine, 25, 100, 10, 0.8535533905932737",
    "cosine, 99, 100, 10, 2.467198171342000e-4",
    "constant, 3, 5, 100, 0.04",
  })
  void factors(String schedule, int step, int steps, int warmup, double factor) {
    assertEquals(
        factor,
        Schedule.valueOf(schedule.toUpperCase(Locale.ROOT)).factor(step, steps, warmup),
        1e-12);
  }

  @Test
  void optionsMustBeInRange() {
    TrainingOptions.Builder defaults = TrainingOptions.builder();
    assertEquals(1e-4, defaults.build().learningRate());
    assertRefused(TrainingOptions.builder().steps(0), "steps");
    assertRefused(TrainingOptions.builder().batch(0), "batch");
    assertRefused(TrainingOptions.builder().accumulate(-1), "accumulate");
    assertRefused(TrainingOptions.builder().learningRate(0), "learning rate");
    assertRefused(TrainingOptions.builder().learningRate(Double.NaN), "learning rate");
    assertRefused(TrainingOptions.builder().learningRate(1 / 0.0), "learning rate");
    assertRefused(TrainingOptions.builder().schedule(Schedule.LINEAR, -1), "warmup");
    assertRefused(TrainingOptions.builder().weightDecay(-0.1), "weight decay");
    assertRefused(TrainingOptions.builder().clip(-1), "clip");
    assertRefused(TrainingOptions.builder().clip(Double.NaN), "clip");
    assertRefused(TrainingOptions.builder().evaluateEvery(-1), "evaluate every");
    assertRefused(TrainingOptions.builder().checkpointEvery(0), "checkpoint every");
  }

  private static void assertRefused(TrainingOptions.Builder builder, String name) {
    String message = assertThrows(TrainingException.class, builder::build).getMessage();
    assertTrue(message.contains(name), message);
  }
}
