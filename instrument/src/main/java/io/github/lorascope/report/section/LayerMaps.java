package io.github.lorascope.report.section;

import io.github.lorascope.report.chart.HeatMap;
import io.github.lorascope.report.data.LayerMatrix;
import io.github.lorascope.report.html.NumberText;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Heat maps of a quantity by layer and step. */
final class LayerMaps {
  /** Finer columns would be narrower than a pixel. */
  private static final int MOST_COLUMNS = 400;

  private LayerMaps() {}

  /** Colours say the greatest value of each stretch of steps. */
  static HeatMap of(LayerMatrix matrix, String valueName, String layerName) {
    List<LayerMatrix.Stretch> stretches = matrix.stretches(MOST_COLUMNS);
    boolean single = stretches.size() == matrix.steps().length;
    HeatMap map =
        HeatMap.of(
            "step",
            stretches.stream().map(LayerMaps::name).toList(),
            layerName,
            names(matrix.layers()),
            valueName);
    if (!single) {
      map.interval("least and greatest of these steps");
    }
    IntStream.range(0, stretches.size())
        .forEach(
            x -> {
              LayerMatrix.Stretch stretch = stretches.get(x);
              for (int y = 0; y < matrix.layers().length; y++) {
                map.cell(
                    x,
                    y,
                    stretch.greatest()[y],
                    single ? Double.NaN : stretch.least()[y],
                    single ? Double.NaN : stretch.greatest()[y]);
              }
            });
    return map;
  }

  static List<String> names(int[] layers) {
    return Arrays.stream(layers).mapToObj(Integer::toString).toList();
  }

  private static String name(LayerMatrix.Stretch stretch) {
    String from = NumberText.count(stretch.from());
    return stretch.from() == stretch.to() ? from : from + "–" + NumberText.count(stretch.to());
  }
}
