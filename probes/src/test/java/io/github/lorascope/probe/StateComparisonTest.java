package io.github.lorascope.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.checkpoint.SafetensorsFile;
import io.github.lorascope.checkpoint.SafetensorsWriter;
import io.github.lorascope.json.Json;
import io.github.lorascope.json.JsonObject;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateComparisonTest {
  private static final int EXAMPLES = 10;
  private static final int HIDDEN = 6;
  private static final long[] LABELS = {0, 1, 0, 1, 0, 1, 0, 1, 0, 1};

  @TempDir Path folder;
  private Path before;
  private Path after;

  /** Layer 0 is the same word everywhere, layer 1 unchanged, layer 10 another. */
  @BeforeEach
  void write() {
    before = folder.resolve("before.safetensors");
    after = folder.resolve("after.safetensors");
    float[] same = new float[EXAMPLES * HIDDEN];
    writer(LABELS, same, draw(1), draw(2)).write(before);
    writer(LABELS, same, draw(1), draw(3)).write(after);
  }

  private static SafetensorsWriter writer(long[] labels, float[] zero, float[] one, float[] ten) {
    return new SafetensorsWriter()
        .metadata("position", "last")
        .metadata("examples_sha256", "0")
        .f32("hidden.10", ten, EXAMPLES, HIDDEN)
        .f32("hidden.0", zero, EXAMPLES, HIDDEN)
        .f32("hidden.1", one, EXAMPLES, HIDDEN)
        .i64("labels", labels, labels.length);
  }

  @Test
  void comparesLayerByLayer() {
    StateComparison comparison = StateComparison.of(before, after);
    assertEquals(List.of(0, 1, 10), comparison.layers());
    List<StateComparison.Similarity> rows = comparison.similarities();
    assertEquals(Double.NaN, rows.get(0).cka());
    assertEquals(1, rows.get(1).cka(), 1e-9);
    assertEquals(Cka.linear(rows(draw(2)), rows(draw(3))), rows.get(2).cka());
    assertTrue(rows.get(2).cka() < 0.9, rows::toString);
  }

  @Test
  void writesSimilaritiesAsJson() {
    Path file = folder.resolve("cka.json");
    StateComparison.of(before, after).provenance(Map.of("model", "tiny")).writeCka(file);
    JsonObject document = Json.read(file);
    assertEquals("tiny", document.object("provenance").string("model"));
    assertEquals("before", document.string("a"));
    assertEquals("after", document.string("b"));
    List<JsonObject> rows = document.objects("rows");
    assertEquals(List.of(0, 1, 10), rows.stream().map(r -> r.integer("layer")).toList());
    assertTrue(rows.get(0).isNull("cka"));
    assertEquals(1, rows.get(1).number("cka"), 1e-9);
  }

  @Test
  void writesMapsOfTheStates() {
    Path file = folder.resolve("pca.safetensors");
    StateComparison.of(before, after).provenance(Map.of("model", "tiny")).writePca(file, 10);
    SafetensorsFile written = SafetensorsFile.open(file);
    assertEquals(5, written.names().size());
    assertEquals(List.of(10L, 2L), written.info("after.10").shape());
    assertEquals("{\"model\":\"tiny\"}", written.metadata().get("provenance"));
    Pca pca = Pca.fit(rows(draw(3)), 2);
    assertEquals(pca.project(rows(draw(3)))[4][1], written.floats("after.10")[9]);
    assertEquals((float) pca.explainedVarianceRatio()[1], written.floats("after.10.explained")[1]);
    assertEquals(1, written.data("labels").asLongBuffer().get(3));
    StateComparison.of(before, after).writePca(file);
    assertEquals(13, SafetensorsFile.open(file).names().size());
  }

  /** Files of two runs are told apart by the nearest folders whose names differ. */
  @Test
  void filesOfOneNameAreToldApart() {
    assertNames("a/states/after", "b/states/after", "a/after", "b/after");
    assertNames("a/x/after", "a/y/after", "x/after", "y/after");
    assertNames("after", "states/after", folder.getFileName() + "/after", "states/after");
    assertNames("after", "after", "after", "after-2");
    assertNames("a/before", "b/after", "before", "after");
  }

  private void assertNames(String a, String b, String first, String second) {
    Path one = folder.resolve(a + ".safetensors");
    Path other = folder.resolve(b + ".safetensors");
    writer(LABELS, draw(1), draw(2), draw(3)).write(one);
    writer(LABELS, draw(4), draw(5), draw(6)).write(other);
    StateComparison comparison = StateComparison.of(one, other);
    comparison.writeCka(folder.resolve("cka.json"));
    JsonObject document = Json.read(folder.resolve("cka.json"));
    assertEquals(first, document.string("a"));
    assertEquals(second, document.string("b"));
    comparison.writePca(folder.resolve("pca.safetensors"), 1);
    assertEquals(
        Set.of(
            "labels", first + ".1", first + ".1.explained", second + ".1", second + ".1.explained"),
        Set.copyOf(SafetensorsFile.open(folder.resolve("pca.safetensors")).names()));
  }

  @Test
  void whatCannotBeComparedIsRefused() {
    writer(LABELS, draw(1), draw(1), draw(1)).metadata("examples_sha256", "1").write(after);
    refused("are of other examples");
    long[] labels = LABELS.clone();
    labels[3] = 0;
    writer(labels, draw(1), draw(1), draw(1)).write(after);
    refused("are of other examples");
    writer(LABELS, draw(1), draw(1), draw(1)).metadata("position", "mean of a").write(after);
    refused("of mean of a");
    new SafetensorsWriter()
        .metadata("position", "last")
        .metadata("examples_sha256", "0")
        .f32("hidden.2", draw(1), EXAMPLES, HIDDEN)
        .i64("labels", LABELS, EXAMPLES)
        .write(after);
    refused("no layer in common");
  }

  private void refused(String says) {
    String message =
        assertThrows(ProbeException.class, () -> StateComparison.of(before, after)).getMessage();
    assertTrue(message.contains(says), message);
  }

  private static float[] draw(long seed) {
    Random random = new Random(seed);
    float[] values = new float[EXAMPLES * HIDDEN];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private static float[][] rows(float[] flat) {
    float[][] rows = new float[EXAMPLES][HIDDEN];
    for (int i = 0; i < EXAMPLES; i++) {
      System.arraycopy(flat, i * HIDDEN, rows[i], 0, HIDDEN);
    }
    return rows;
  }
}
