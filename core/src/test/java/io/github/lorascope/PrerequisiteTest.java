package io.github.lorascope;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;

class PrerequisiteTest {
  private static final String OBSTACLE = "nothing is really missing";

  private static ConditionEvaluationResult decide(String obstacle, boolean continuousIntegration) {
    return Prerequisite.decide("an example", obstacle, continuousIntegration);
  }

  @Test
  void whereNothingIsMissingATestRuns() {
    assertFalse(decide(null, false).isDisabled());
    assertFalse(decide(null, true).isDisabled());
  }

  @Test
  void whereSomethingIsMissingItIsSkipped() {
    ConditionEvaluationResult result = decide(OBSTACLE, false);
    assertTrue(result.isDisabled());
    assertEquals(Optional.of(OBSTACLE), result.getReason());
  }

  @Test
  void underContinuousIntegrationItFails() {
    AssertionError e = assertThrows(AssertionError.class, () -> decide(OBSTACLE, true));
    assertEquals(OBSTACLE, e.getMessage());
  }
}
