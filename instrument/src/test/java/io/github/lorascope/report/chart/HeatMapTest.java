package io.github.lorascope.report.chart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HeatMapTest {
  private static HeatMap map(double... values) {
    HeatMap map = HeatMap.of("step", List.of("1", "2", "3"), "layer", List.of("0"), "norm");
    for (int i = 0; i < values.length; i++) {
      map.cell(i, 0, values[i], Double.NaN, Double.NaN);
    }
    return map;
  }

  /** The logarithm of zero would give all other cells one colour. */
  @Test
  void whatHasNoLogarithmIsLeftOut() {
    Map<?, ?> colours = (Map<?, ?>) map(0, 10, 1000).log().build().option().get("visualMap");
    assertEquals(1.0, ((Number) colours.get("min")).doubleValue());
    assertEquals(3.0, ((Number) colours.get("max")).doubleValue());
    assertTrue(map(0, 0, -1).log().isEmpty());
  }
}
