package io.github.lorascope.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AxisTest {
  @Test
  void marksFallOnRoundNumbers() {
    assertEquals(
        List.of("0", "0.2", "0.4", "0.6", "0.8"),
        Axis.around(0.01, 0.71, 5).marks().stream().map(NumberText::of).toList());
  }

  @ParameterizedTest
  @CsvSource({"0,0", "3,3", "-5,-5", "1e-9,2e-9", "0,1e300", "-1e12,1e12", "600,600"})
  void coversAnyRangeWithAFewMarks(double low, double high) {
    Axis axis = Axis.around(low, high, 5);
    assertTrue(axis.low() <= low && axis.high() >= high && axis.low() < axis.high());
    assertTrue(axis.marks().size() >= 2 && axis.marks().size() <= 8, axis::toString);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "0.69314, 0.6931",
    "1, 1",
    "0.0001, 1e-4",
    "0.000025, 2.5e-5",
    "-0.00123456, -0.001235",
    "123456, '123,500'",
    "2500000, 2.5e6",
    "NaN, NaN"
  })
  void writesNumbersForPeople(double value, String text) {
    assertEquals(text, NumberText.of(value));
  }
}
