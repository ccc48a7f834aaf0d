package io.github.lorascope.ablation;

import io.github.lorascope.metric.MeanInterval;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;

/** Gathers the margins of all examples, batch by batch. */
final class PatchedMargins {
  private final List<double[]> clean = new ArrayList<>();
  private final List<double[]> source = new ArrayList<>();
  private final Map<PatchPlace, List<double[]>> patched = new LinkedHashMap<>();

  /** Adds a batch's runs as they are. */
  void addRuns(double[] ofClean, double[] ofSource) {
    clean.add(ofClean);
    source.add(ofSource);
  }

  /** Adds a batch's run with states replaced. */
  void add(PatchPlace place, double[] margins) {
    patched.computeIfAbsent(place, p -> new ArrayList<>()).add(margins);
  }

  /** One row a place, in the order in which places were first added. */
  List<PatchingResult.Row> rows() {
    double[] before = joined(clean);
    double whole = MeanInterval.ofDifferences(before, joined(source)).mean();
    List<PatchingResult.Row> rows = new ArrayList<>();
    patched.forEach(
        (place, margins) -> {
          MeanInterval change = MeanInterval.ofDifferences(before, joined(margins));
          rows.add(
              new PatchingResult.Row(
                  place.layer(), place.position(), change, share(change.mean(), whole)));
        });
    return rows;
  }

  private static double share(double change, double whole) {
    if (whole == 0) {
      return Double.NaN;
    }
    return change == 0 ? 0 : change / whole; // never -0
  }

  private static double[] joined(List<double[]> batches) {
    return batches.stream().flatMapToDouble(DoubleStream::of).toArray();
  }
}
