package io.github.lorascope.tap;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.checkpoint.SafetensorsFile;
import io.github.lorascope.checkpoint.SafetensorsWriter;
import io.github.lorascope.data.PairExample;
import io.github.lorascope.metric.MeanInterval;
import io.github.lorascope.metric.Proportion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Four examples (labels 0, 1, 0, 1), the layers 2 and 5, three heads; made-up numbers. */
class AttentionMeasurementTest {
  private static final int HEADS = 3;

  @TempDir Path folder;

  private static ExampleSet examples(String query) {
    List<PairExample> pairs = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      pairs.add(new PairExample(query, "a" + i, "b", i % 2));
    }
    return ExampleSet.of(pairs);
  }

  /** Every number differs; A's and B's masses are given, by head in the order of the layers. */
  private static AttentionMeasurement measurement(ExampleSet set, float shift, float[][] leads) {
    int count = 4 * 2 * HEADS;
    Map<AttentionQuantity, float[]> values = new EnumMap<>(AttentionQuantity.class);
    for (AttentionQuantity quantity : AttentionQuantity.values()) {
      float[] all = new float[count];
      for (int i = 0; i < count; i++) {
        all[i] = values.size() + i / 100f + shift * (1 + i % 5);
      }
      values.put(quantity, all);
    }
    for (int example = 0; example < 4; example++) {
      for (int at = 0; at < 2 * HEADS; at++) {
        int i = example * 2 * HEADS + at;
        float lead = leads[at][example] * (example % 2 == 0 ? 1 : -1);
        values.get(AttentionQuantity.A_TO_QUERY)[i] = 0.5f + lead;
        values.get(AttentionQuantity.B_TO_QUERY)[i] = 0.5f;
      }
    }
    Map<MatrixKey, float[]> matrices =
        Map.of(new MatrixKey(3, 5), new float[] {1, 0, 0.5f, 0.5f, 1, 0, 0, 1, 1, 0, 0.25f, 0.75f});
    return new AttentionMeasurement(set, List.of(2, 5), HEADS, values, matrices);
  }

  /** By how much the relevant passage leads, by head and example. */
  private static final float[][] LEADS = {
    {0.1f, -0.1f, 0.1f, 0.1f},
    {0.1f, 0, 0.1f, 0.1f},
    {-0.1f, -0.1f, 0.1f, 0.1f},
    {Float.NaN, 0.1f, 0.1f, 0.1f},
    {0.1f, 0.1f, -0.1f, 0.1f},
    {0.1f, 0.1f, 0.1f, 0.1f}
  };

  @Test
  void aHeadRanksByWhichPassageGivesTheQueryMore() {
    AttentionMeasurement seen = measurement(examples("q"), 0, LEADS);
    assertEquals(new Proportion(3, 4), seen.matching(2, 0));
    assertEquals(new Proportion(3, 3), seen.matching(2, 1)); // equal masses tell nothing
    assertEquals(new Proportion(2, 4), seen.matching(2, 2));
    assertEquals(new Proportion(3, 3), seen.matching(5, 0)); // no mass, no trial
    assertEquals(new Proportion(4, 4), seen.matching(5, 2));
  }

  /** Head 1 of layer 5 is as good as head 2 in the first half, and worse in the second. */
  @Test
  void theBestHeadIsConfirmedOnTheOtherHalf() {
    MatchingHead head = measurement(examples("q"), 0, LEADS).matchingHead().orElseThrow();
    assertEquals(new MatchingHead(5, 1, new Proportion(2, 2), new Proportion(1, 2)), head);
  }

  /** Masses are NaN where the query comes after the passages. */
  @Test
  void noHeadIsNamedWithoutAnythingToPickOrConfirmItOn() {
    float[] none = {Float.NaN, Float.NaN, Float.NaN, Float.NaN};
    float[] firstHalf = {0.1f, 0.1f, Float.NaN, Float.NaN};
    float[] secondHalf = {0, Float.NaN, 0.1f, 0.1f};
    float[] wrong = {-0.1f, -0.1f, 0.1f, 0.1f};
    for (float[] leads : List.of(none, firstHalf, secondHalf, wrong)) {
      float[][] ofAll = new float[2 * HEADS][];
      Arrays.fill(ofAll, leads);
      assertTrue(measurement(examples("q"), 0, ofAll).matchingHead().isEmpty());
    }
    Map<AttentionQuantity, float[]> values = new EnumMap<>(AttentionQuantity.class);
    for (AttentionQuantity quantity : AttentionQuantity.values()) {
      values.put(quantity, new float[] {values.size()});
    }
    ExampleSet one = ExampleSet.of(List.of(new PairExample("q", "a", "b", 1)));
    AttentionMeasurement single = new AttentionMeasurement(one, List.of(0), 1, values, Map.of());
    assertEquals(1, single.matching(0, 0).trials());
    assertTrue(single.matchingHead().isEmpty());
  }

  @Test
  void changesArePairedByExample() {
    AttentionMeasurement before = measurement(examples("q"), 0, LEADS);
    AttentionMeasurement after = measurement(examples("q"), 0.01f, LEADS);
    double[] first = before.values(AttentionQuantity.LAST_TO_A, 5, 1);
    double[] second = after.values(AttentionQuantity.LAST_TO_A, 5, 1);
    AttentionComparison change = AttentionComparison.of(before, after);
    assertEquals(
        MeanInterval.ofDifferences(first, second), change.of(AttentionQuantity.LAST_TO_A, 5, 1));
    assertEquals(0, change.of(AttentionQuantity.A_TO_QUERY, 5, 0).mean());
    assertEquals(3, change.of(AttentionQuantity.A_TO_QUERY, 5, 0).n());
  }

  @Test
  void refusesToCompareDifferentExamplesOrHeads() {
    AttentionMeasurement seen = measurement(examples("q"), 0, LEADS);
    AttentionMeasurement other = measurement(examples("p"), 0, LEADS);
    assertThrows(TapException.class, () -> AttentionComparison.of(seen, other));
    Map<AttentionQuantity, float[]> values = new EnumMap<>(AttentionQuantity.class);
    for (AttentionQuantity quantity : AttentionQuantity.values()) {
      values.put(quantity, new float[4 * HEADS]);
    }
    AttentionMeasurement oneLayer =
        new AttentionMeasurement(examples("q"), List.of(2), HEADS, values, Map.of());
    assertThrows(TapException.class, () -> AttentionComparison.of(seen, oneLayer));
    assertThrows(
        IllegalArgumentException.class, () -> seen.mean(AttentionQuantity.LAST_TO_A, 3, 0));
    assertThrows(
        IllegalArgumentException.class, () -> seen.mean(AttentionQuantity.LAST_TO_A, 2, 3));
  }

  @Test
  void theFileHoldsAll() {
    AttentionMeasurement seen = measurement(examples("q"), 0, LEADS);
    Path file = folder.resolve("attention/before.safetensors");
    seen.write(file, Map.of("model", "größe", "steps", "3"));
    AttentionMeasurement read = AttentionMeasurement.read(file);
    assertEquals(seen.layers(), read.layers());
    assertEquals(HEADS, read.heads());
    assertArrayEquals(new int[] {0, 1, 0, 1}, read.labels());
    for (AttentionQuantity quantity : AttentionQuantity.values()) {
      for (int layer : read.layers()) {
        for (int head = 0; head < HEADS; head++) {
          assertArrayEquals(seen.values(quantity, layer, head), read.values(quantity, layer, head));
        }
      }
    }
    assertArrayEquals(new float[][] {{1, 0}, {0, 1}}, read.matrix(3, 5, 1).orElseThrow());
    assertTrue(read.matrix(3, 2, 1).isEmpty());
    AttentionComparison.of(seen, read); // of the same examples

    SafetensorsFile raw = SafetensorsFile.open(file);
    assertEquals(List.of(4L, 2L, 3L), raw.info("mass.b_to_a").shape());
    assertEquals(List.of(3L, 2L, 2L), raw.info("matrix.3.5").shape());
    assertEquals(List.of(2L), raw.info("layers").shape());
    assertEquals("{\"model\":\"größe\",\"steps\":\"3\"}", raw.metadata().get("provenance"));
  }

  @Test
  void everyTruncationAndEveryForeignFileIsRefused() throws IOException {
    Path file = folder.resolve("a.safetensors");
    measurement(examples("q"), 0, LEADS).write(file, Map.of());
    byte[] whole = Files.readAllBytes(file);
    Path cut = folder.resolve("cut.safetensors");
    for (int length = 0; length < whole.length; length += 7) {
      Files.write(cut, Arrays.copyOf(whole, length));
      String message =
          assertThrows(TapException.class, () -> AttentionMeasurement.read(cut)).getMessage();
      assertTrue(message.contains("cut.safetensors"), message);
    }
    Path foreign = folder.resolve("foreign.safetensors");
    new SafetensorsWriter().f32("weight", new float[4], 2, 2).write(foreign);
    assertRefused(foreign, "it has no tensor labels");
    SafetensorsWriter small = new SafetensorsWriter().i64("layers", new long[] {0, 1}, 2);
    examples("q").addTo(small);
    for (AttentionQuantity quantity : AttentionQuantity.values()) {
      small.f32(quantity.tensor(), new float[4 * HEADS], 4, 1, HEADS);
    }
    small.write(foreign);
    assertRefused(foreign, "mass.a_to_query is F32 [4, 1, 3], not F32 [4, 2, 3]");
    SafetensorsWriter twice = new SafetensorsWriter().i64("layers", new long[] {4, 4}, 2);
    examples("q").addTo(twice);
    twice.write(foreign);
    assertRefused(foreign, "its layers have a 4");
    assertRefused(folder.resolve("absent"), "does not exist");
  }

  private static void assertRefused(Path file, String reason) {
    String message =
        assertThrows(TapException.class, () -> AttentionMeasurement.read(file)).getMessage();
    assertTrue(message.contains(reason), message);
  }
}
