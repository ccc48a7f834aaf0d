package io.github.lorascope.decoder;

import io.github.lorascope.weights.Weight;
import io.github.lorascope.weights.WeightForm;
import java.util.List;
import java.util.Objects;

/** Weights of equal width, one above the other. */
record JoinedRows(List<Weight> parts) implements Weight {
  @Override
  public int rows() {
    return parts.stream().mapToInt(Weight::rows).sum();
  }

  @Override
  public int columns() {
    return parts.get(0).columns();
  }

  @Override
  public String name() {
    return parts.get(0).name();
  }

  @Override
  public WeightForm form() {
    return parts.get(0).form();
  }

  @Override
  public long bytes() {
    return parts.stream().mapToLong(Weight::bytes).sum();
  }

  @Override
  public void read(int from, int to, float[] target, int offset) {
    Objects.checkFromToIndex(from, to, rows());
    int above = 0;
    for (Weight part : parts) {
      int first = Math.max(from, above);
      int last = Math.min(to, above + part.rows());
      if (first < last) {
        int at = offset + (first - from) * columns();
        part.read(first - above, last - above, target, at);
      }
      above += part.rows();
    }
  }
}
