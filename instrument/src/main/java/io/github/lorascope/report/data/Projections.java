package io.github.lorascope.report.data;

import io.github.lorascope.checkpoint.CheckpointException;
import io.github.lorascope.checkpoint.SafetensorsFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** States on their two principal components. */
public final class Projections {
  private static final Pattern NAME = Pattern.compile("([^.]+)\\.(\\d{1,6})");

  /**
   * One set of states.
   *
   * @param xy [examples * 2]
   * @param explained share of the variance on each of the two components
   */
  public record Plane(float[] xy, float[] explained) {}

  private final Map<String, Map<Integer, Plane>> planes = new TreeMap<>();
  private final int[] labels;

  private Projections(int[] labels) {
    this.labels = labels;
  }

  static Projections read(Path path) {
    SafetensorsFile file = SafetensorsFile.open(path);
    Projections out = new Projections(AttentionMasses.integers(file, "labels"));
    for (String name : file.names()) {
      Matcher matcher = NAME.matcher(name);
      if (matcher.matches()) {
        List<Long> expected = List.of((long) out.labels.length, 2L);
        requireShape(file, name, expected);
        requireShape(file, name + ".explained", List.of(2L));
        out.planes
            .computeIfAbsent(matcher.group(1), unused -> new TreeMap<>())
            .put(
                Integer.valueOf(matcher.group(2)),
                new Plane(file.floats(name), file.floats(name + ".explained")));
      }
    }
    return out;
  }

  private static void requireShape(SafetensorsFile file, String name, List<Long> expected) {
    List<Long> shape = file.info(name).shape();
    if (!shape.equals(expected)) {
      throw new CheckpointException(
          file.path() + ": tensor " + name + " has the shape " + shape + " instead of " + expected);
    }
  }

  /**
   * The states that were projected.
   *
   * @return numbers of layers passed
   */
  public NavigableSet<Integer> layers() {
    NavigableSet<Integer> layers = new TreeSet<>();
    planes.values().forEach(some -> layers.addAll(some.keySet()));
    return layers;
  }

  /**
   * One set of states.
   *
   * @param name before or after
   * @param layer layers passed
   * @return their projection, empty where there is none
   */
  public Optional<Plane> plane(String name, int layer) {
    return Optional.ofNullable(planes.getOrDefault(name, Map.of()).get(layer));
  }

  /**
   * The examples' labels.
   *
   * @return 0 where A is the right passage, 1 where B is
   */
  public int[] labels() {
    return labels.clone();
  }
}
