package io.github.lorascope.probe;

import io.github.lorascope.checkpoint.SafetensorsWriter;
import io.github.lorascope.io.AtomicFiles;
import io.github.lorascope.json.Json;
import io.github.lorascope.tap.HiddenStates;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Compares the states of the same examples in two files, such as those before and after a training:
 * layer by layer how alike they are ({@link Cka}), and their maps in two dimensions ({@link Pca}).
 *
 * <pre>{@code
 * StateComparison comparison =
 *     StateComparison.of(
 *             folder.resolve("states/before.safetensors"),
 *             folder.resolve("states/after.safetensors"))
 *         .provenance(Map.of("data", triples.sha256()));
 * for (StateComparison.Similarity row : comparison.similarities()) {
 *   System.out.printf("behind %d layers: CKA %.3f%n", row.layer(), row.cka());
 * }
 * comparison.writeCka(folder.resolve("cka.json"));
 * comparison.writePca(folder.resolve("pca.safetensors"), 6, 12, 18);
 * }</pre>
 *
 * <p>The files are those of a {@link io.github.lorascope.tap.HiddenStateTap}; each is called by its
 * name without the ending. Two of one name are called by the nearest folders whose names differ as
 * well, such as {@code run1/after} and {@code run2/after}, and without such folders {@code after}
 * and {@code after-2}. Instances are immutable.
 */
public final class StateComparison {
  private static final int COMPONENTS = 2;
  private static final String SUFFIX = ".safetensors";

  private final NamedStates a;
  private final NamedStates b;
  private final Map<String, String> provenance;

  private StateComparison(NamedStates a, NamedStates b, Map<String, String> provenance) {
    this.a = a;
    this.b = b;
    this.provenance = new TreeMap<>(provenance);
  }

  /** The states of one file, and what they are called. */
  private record NamedStates(String name, HiddenStates states) {}

  /**
   * How alike the states of one layer are.
   *
   * @param layer how many layers the states have passed; 0: the embedding's output
   * @param cka from 0 to 1; NaN where the states of one side are all equal
   */
  public record Similarity(int layer, double cka) {}

  /**
   * Opens two files of states.
   *
   * @param a one
   * @param b the other, of the same examples in the same order
   * @return the comparison
   * @throws ProbeException if they are of other examples or other tokens, or no layer is in both
   * @throws io.github.lorascope.tap.TapException if a file cannot be read or holds something else
   */
  public static StateComparison of(Path a, Path b) {
    List<String> names = names(a.toAbsolutePath().normalize(), b.toAbsolutePath().normalize());
    StateComparison comparison =
        new StateComparison(
            new NamedStates(names.get(0), HiddenStates.read(a)),
            new NamedStates(names.get(1), HiddenStates.read(b)),
            Map.of());
    HiddenStates first = comparison.a.states();
    HiddenStates second = comparison.b.states();
    if (!first.isOfSameExamples(second)) {
      throw new ProbeException(a + " and " + b + " are of other examples: record the same pairs");
    }
    if (!first.position().equals(second.position())) {
      throw new ProbeException(
          a + " holds states of " + first.position() + ", " + b + " of " + second.position());
    }
    if (comparison.layers().isEmpty()) {
      throw new ProbeException(a + " and " + b + " have no layer in common");
    }
    return comparison;
  }

  /** The names have to differ, as those of tensors in one file do. */
  private static List<String> names(Path a, Path b) {
    String name = name(a);
    if (!name.equals(name(b))) {
      return List.of(name, name(b));
    }
    for (int up = 2; up <= Math.min(a.getNameCount(), b.getNameCount()); up++) {
      Path ofA = a.getName(a.getNameCount() - up);
      Path ofB = b.getName(b.getNameCount() - up);
      if (!ofA.equals(ofB)) {
        return List.of(ofA + "/" + name, ofB + "/" + name);
      }
    }
    return List.of(name, name + "-2");
  }

  private static String name(Path file) {
    String name = file.getFileName().toString();
    return name.endsWith(SUFFIX) ? name.substring(0, name.length() - SUFFIX.length()) : name;
  }

  /**
   * Says what the numbers come from.
   *
   * @param values such as the names and hashes of model and data
   * @return a comparison whose files say so
   */
  public StateComparison provenance(Map<String, String> values) {
    return new StateComparison(a, b, values);
  }

  /**
   * Returns the layers that both files have states of.
   *
   * @return how many layers the states have passed, ascending
   */
  public List<Integer> layers() {
    List<Integer> others = b.states().layers();
    return a.states().layers().stream().filter(others::contains).toList();
  }

  /**
   * Compares the states of every layer.
   *
   * @return one value a layer, layers ascending
   * @throws ProbeException if there are too few states, or some are not finite
   */
  public List<Similarity> similarities() {
    List<Similarity> rows = new ArrayList<>();
    for (int layer : layers()) {
      rows.add(new Similarity(layer, Cka.linear(a.states().layer(layer), b.states().layer(layer))));
    }
    return rows;
  }

  /**
   * Writes the similarities as JSON, atomically; NaN becomes null.
   *
   * @param file such as a run's {@code cka.json}
   * @throws ProbeException if there are too few states, or some are not finite
   * @throws io.github.lorascope.io.FileWriteException if the file cannot be written
   */
  public void writeCka(Path file) {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (Similarity similarity : similarities()) {
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("layer", similarity.layer());
      row.put("cka", Double.isNaN(similarity.cka()) ? null : similarity.cka());
      rows.add(row);
    }
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("provenance", provenance);
    document.put("a", a.name());
    document.put("b", b.name());
    document.put("rows", rows);
    AtomicFiles.writeString(file, Json.writePretty(document));
  }

  /**
   * Writes maps of the states in two dimensions, each file's and layer's along its own components,
   * atomically: {@code NAME.N} [examples, 2], {@code NAME.N.explained} [2] and {@code labels}.
   *
   * @param file such as a run's {@code pca.safetensors}
   * @param layers which layers; none: all that both files have
   * @throws ProbeException if there are too few states, or some are not finite
   * @throws IllegalArgumentException if there are no states of a layer
   * @throws io.github.lorascope.io.FileWriteException if the file cannot be written
   */
  public void writePca(Path file, int... layers) {
    SafetensorsWriter writer = new SafetensorsWriter();
    writer.metadata("provenance", Json.write(provenance));
    List<Integer> chosen =
        layers.length == 0 ? layers() : IntStream.of(layers).distinct().boxed().toList();
    for (NamedStates side : List.of(a, b)) {
      for (int layer : chosen) {
        add(writer, side.name() + "." + layer, side.states().layer(layer));
      }
    }
    long[] labels = Arrays.stream(a.states().labels()).asLongStream().toArray();
    writer.i64("labels", labels, labels.length);
    writer.write(file);
  }

  private static void add(SafetensorsWriter writer, String name, float[][] states) {
    Pca pca = Pca.fit(states, COMPONENTS);
    float[][] map = pca.project(states);
    float[] flat = new float[map.length * COMPONENTS];
    for (int i = 0; i < map.length; i++) {
      System.arraycopy(map[i], 0, flat, i * COMPONENTS, COMPONENTS);
    }
    double[] explained = pca.explainedVarianceRatio();
    writer.f32(name, flat, map.length, COMPONENTS);
    writer.f32(
        name + ".explained", new float[] {(float) explained[0], (float) explained[1]}, COMPONENTS);
  }
}
