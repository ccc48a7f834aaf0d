package io.github.lorascope.ablation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.json.Json;
import io.github.lorascope.json.JsonObject;
import io.github.lorascope.metric.PairedAccuracy;
import io.github.lorascope.metric.Proportion;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AblationTest {
  private static final int PAIRS = 200;

  @TempDir Path folder;

  /** Answers of which a share is right, pairs differing in how hard they are. */
  private static String answers(long seed, double share) {
    Random hard = new Random(99);
    Random random = new Random(seed);
    StringBuilder right = new StringBuilder();
    for (int i = 0; i < PAIRS; i++) {
      double ease = share + (hard.nextDouble() - 0.5) * Math.min(share, 1 - share);
      right.append(random.nextDouble() < ease ? '1' : '0');
    }
    return right.toString();
  }

  private static AblationRun run(String group, long seed, double share) {
    OptionalInt climb = share > 0.6 ? OptionalInt.of((int) (40 + seed)) : OptionalInt.empty();
    return new AblationRun(group, seed, 100, 16, climb, answers(group.hashCode() + seed, share));
  }

  private static Ablation ablation(List<AblationRun> runs) {
    return new Ablation(
        Map.of("model", "tiny"),
        PAIRS,
        List.of(
            LayerGroup.range("all", 0, 3),
            LayerGroup.range("middle", 1, 2),
            LayerGroup.range("early", 0, 0)),
        List.of(400L, 200L, 100L),
        runs,
        false);
  }

  private static List<AblationRun> threeSeeds() {
    List<AblationRun> runs = new ArrayList<>();
    for (long seed = 0; seed < 3; seed++) {
      runs.add(run("all", seed, 0.85));
    }
    for (long seed = 0; seed < 3; seed++) {
      runs.add(run("middle", seed, 0.84));
    }
    for (long seed = 0; seed < 3; seed++) {
      runs.add(run("early", seed, 0.52));
    }
    return runs;
  }

  @Test
  void whatDiffersIsBeyondNoiseAndWhatDoesNotIsWithin() {
    List<GroupComparison> comparisons = ablation(threeSeeds()).comparisons();
    assertEquals(
        List.of("all middle false", "all early true", "middle early true"),
        comparisons.stream()
            .map(c -> c.first() + " " + c.second() + " " + c.isBeyondNoise())
            .toList());
    GroupComparison first = comparisons.get(1);
    assertTrue(first.difference().mean() < -0.2, first.toString());
    assertTrue(first.difference().high() < 0, first.toString());
    assertTrue(first.toString().startsWith("all -> early: -0."), first.toString());
  }

  @Test
  void aDifferenceIsThatOfPairedAnswers() {
    List<AblationRun> runs = List.of(run("all", 0, 0.8), run("early", 0, 0.6));
    boolean[] all = right(runs.get(0));
    boolean[] early = right(runs.get(1));
    CrossedMean difference = ablation(runs).comparisons().get(0).difference();
    PairedAccuracy paired = PairedAccuracy.of(all, early);
    assertEquals(paired.difference(), difference.mean(), 1e-12);
    assertEquals(paired.low(), difference.low());
    assertEquals(paired.high(), difference.high());
    assertEquals(paired.probability(), difference.p());
  }

  private static Ablation answered(int pairs, String... rightOfAllAndEarly) {
    List<AblationRun> runs = new ArrayList<>();
    for (int i = 0; i < rightOfAllAndEarly.length; i++) {
      runs.add(
          new AblationRun(
              i % 2 == 0 ? "all" : "early",
              i / 2,
              100,
              16,
              OptionalInt.empty(),
              rightOfAllAndEarly[i]));
    }
    return new Ablation(
        Map.of(),
        pairs,
        List.of(LayerGroup.range("all", 0, 3), LayerGroup.range("early", 0, 0)),
        List.of(400L, 100L),
        runs,
        true);
  }

  @Test
  void twoPairsThatDoNotVaryAreNoProof() {
    for (Ablation few : List.of(answered(2, "00", "11"), answered(2, "00", "11", "00", "11"))) {
      GroupComparison comparison = few.comparisons().get(0);
      assertFalse(comparison.isBeyondNoise(), comparison.toString());
      assertEquals(0.5, comparison.difference().p(), 1e-12); // two of two signs
      assertTrue(comparison.difference().low() < 0, comparison.toString());
      assertEquals(1, comparison.difference().high());
    }
    String ones = "1".repeat(20);
    String zeros = "0".repeat(20);
    assertTrue(answered(20, zeros, ones, zeros, ones).comparisons().get(0).isBeyondNoise());
  }

  @Test
  void seedsThatGetAllRightHaveTheIntervalOfOne() {
    String right = "1".repeat(20);
    CrossedMean mean = answered(20, right, right, right, right).accuracy("all").orElseThrow();
    Proportion one = new Proportion(20, 20);
    assertEquals(1, mean.mean(), 1e-12);
    assertEquals(one.low(), mean.low(), 1e-12);
    assertEquals(1, mean.high(), 1e-12);
    assertEquals(2, mean.seeds());
  }

  /** Halves of a pair that only one group answered right are rounded to what two pairs can hold. */
  @Test
  void answersThatDifferFromSeedToSeedAreAveraged() {
    CrossedMean mean = answered(2, "00", "11", "10", "01").comparisons().get(0).difference();
    assertEquals(0.5, mean.mean(), 1e-12);
    PairedAccuracy rounded = new PairedAccuracy(2, 0, 2);
    assertTrue(mean.low() <= rounded.low(), mean.toString());
    assertTrue(mean.high() >= rounded.high(), mean.toString());
    assertEquals(1, mean.p(), 1e-12); // one pair leans to the second, the other to none
  }

  private static boolean[] right(AblationRun run) {
    boolean[] right = new boolean[run.right().length()];
    for (int i = 0; i < right.length; i++) {
      right[i] = run.right().charAt(i) == '1';
    }
    return right;
  }

  /** Twenty groups of which none differs: chance would find some of 190 at a level of 5% each. */
  @Test
  void manyComparisonsFindNothingByChance() {
    List<LayerGroup> groups = new ArrayList<>();
    List<Long> parameters = new ArrayList<>();
    List<AblationRun> runs = new ArrayList<>();
    for (int g = 0; g < 20; g++) {
      groups.add(LayerGroup.range("g" + g, 0, g));
      parameters.add(1L);
      runs.add(new AblationRun("g" + g, 0, 1, 16, OptionalInt.empty(), answers(g, 0.7)));
    }
    Ablation none = new Ablation(Map.of(), PAIRS, groups, parameters, runs, true);
    List<GroupComparison> comparisons = none.comparisons();
    assertEquals(190, comparisons.size());
    assertTrue(comparisons.stream().anyMatch(c -> c.difference().p() < 0.05));
    assertTrue(comparisons.stream().noneMatch(GroupComparison::isBeyondNoise));
  }

  @Test
  void oneSeedHasTheWilsonInterval() {
    AblationRun only = run("all", 0, 0.8);
    Proportion accuracy = only.accuracy();
    CrossedMean mean = ablation(List.of(only)).accuracy("all").orElseThrow();
    assertEquals(accuracy.accuracy(), mean.mean(), 1e-12);
    assertEquals(accuracy.low(), mean.low());
    assertEquals(accuracy.high(), mean.high());
    assertTrue(ablation(List.of(only)).accuracy("early").isEmpty());
  }

  @Test
  void groupsAreComparedOnTheSeedsThatBothHave() {
    List<AblationRun> runs = List.of(run("all", 0, 0.8), run("all", 1, 0.8), run("early", 1, 0.6));
    List<GroupComparison> comparisons = ablation(runs).comparisons();
    assertEquals(1, comparisons.size());
    assertEquals(1, comparisons.get(0).difference().seeds());
    assertEquals(
        runs.get(2).accuracy().accuracy() - runs.get(1).accuracy().accuracy(),
        comparisons.get(0).difference().mean(),
        1e-12);
  }

  @Test
  void theFileHoldsItAll() {
    Ablation ablation = ablation(threeSeeds());
    ablation.write(folder);
    JsonObject json = Json.read(folder.resolve("ablation.json"));
    assertEquals("tiny", json.object("provenance").string("model"));
    assertEquals(PAIRS, json.integer("n"));
    JsonObject middle = json.objects("groups").get(1);
    assertEquals("middle", middle.string("name"));
    assertEquals(List.of(1, 2), middle.integers("layers"));
    assertEquals(200, middle.integer("parameters"));
    assertEquals(ablation.accuracy("middle").orElseThrow().mean(), middle.number("accuracy"));
    assertEquals(9, json.objects("runs").size());
    JsonObject run = json.objects("runs").get(4);
    AblationRun expected = ablation.runs().get(4);
    assertEquals("middle", run.string("group"));
    assertEquals(1, run.integer("seed"));
    assertEquals(expected.accuracy().accuracy(), run.number("accuracy"));
    assertEquals(expected.accuracy().low(), run.number("low"));
    assertEquals(expected.accuracy().high(), run.number("high"));
    assertEquals(100, run.integer("steps"));
    assertEquals(41, run.integer("climb_step"));
    assertEquals(41 * 16, run.integer("climb_pairs"));
    assertEquals(expected.right(), run.string("right"));
    assertTrue(json.objects("runs").get(8).isNull("climb_step"));
    JsonObject comparison = json.objects("comparisons").get(2);
    GroupComparison last = ablation.comparisons().get(2);
    assertEquals("middle", comparison.string("first"));
    assertEquals("early", comparison.string("second"));
    assertEquals(last.difference().mean(), comparison.number("difference"));
    assertEquals(last.difference().low(), comparison.number("low"));
    assertEquals(last.difference().high(), comparison.number("high"));
    assertEquals(last.difference().p(), comparison.number("p"));
    assertTrue(comparison.bool("beyond_noise"));
  }

  @Test
  void theTableSaysWhatIsKnown() {
    List<AblationRun> runs = threeSeeds();
    String table = ablation(runs).table();
    List<String> lines = table.lines().toList();
    assertEquals(9, lines.size(), table);
    assertTrue(lines.get(1).matches("all +0-3 +400 +0\\.\\d{4} \\[.*640 656 672"), table);
    assertTrue(lines.get(3).endsWith("- - -"), table);
    assertTrue(lines.get(6).endsWith("climbs 0 pairs later [+0, +0]"), table);
    assertTrue(lines.get(8).endsWith("beyond noise"), table);
    assertFalse(table.contains("one seed"), table);
    String partial = ablation(runs.subList(0, 1)).table();
    assertTrue(partial.contains("not finished"), partial);
    assertFalse(partial.contains("->"), partial);
    String single = ablation(List.of(runs.get(0), runs.get(3))).table();
    assertTrue(single.contains("one seed: how much trainings differ by chance"), single);
  }
}
