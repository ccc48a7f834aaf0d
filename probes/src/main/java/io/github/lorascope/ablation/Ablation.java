package io.github.lorascope.ablation;

import io.github.lorascope.io.AtomicFiles;
import io.github.lorascope.json.Json;
import io.github.lorascope.metric.MeanInterval;
import io.github.lorascope.metric.Proportion;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What {@link LayerFreezing} found, as {@code ablation.json} holds it.
 *
 * @param provenance what the numbers come from
 * @param pairs how many pairs were evaluated
 * @param groups the groups, those included that have no run yet
 * @param parameters trained parameters of each group, the head included if it is trained, in the
 *     same order
 * @param runs the finished runs, by group and seed
 * @param isComplete whether every group has a run of every seed
 */
public record Ablation(
    Map<String, String> provenance,
    int pairs,
    List<LayerGroup> groups,
    List<Long> parameters,
    List<AblationRun> runs,
    boolean isComplete) {
  /** The name of the file. */
  public static final String FILE_NAME = "ablation.json";

  private static final double LEVEL = 0.05;

  /** Copies map and lists. */
  public Ablation {
    provenance = Map.copyOf(provenance);
    groups = List.copyOf(groups);
    parameters = List.copyOf(parameters);
    runs = List.copyOf(runs);
  }

  /**
   * Averages a group's accuracy over seeds and pairs.
   *
   * @param group the group's name
   * @return the mean accuracy with an interval for other pairs and other seeds, which reaches at
   *     least as far as Wilson's for as many pairs of one seed; of a single seed, its Wilson
   *     interval, for other pairs alone; empty where no run is finished
   */
  public Optional<CrossedMean> accuracy(String group) {
    List<AblationRun> own = of(group);
    if (own.isEmpty()) {
      return Optional.empty();
    }
    CrossedMean mean =
        CrossedMean.of(own.stream().map(AblationRun::values).toArray(double[][]::new));
    if (own.size() > 1) {
      Proportion ofOne = new Proportion(Math.round(mean.mean() * mean.items()), mean.items());
      return Optional.of(mean.within(0, 1).atLeast(ofOne.low(), ofOne.high(), 0));
    }
    Proportion only = own.get(0).accuracy();
    return Optional.of(
        new CrossedMean(mean.mean(), only.low(), only.high(), mean.p(), 1, mean.items()));
  }

  private List<AblationRun> of(String group) {
    return runs.stream().filter(run -> run.group().equals(group)).toList();
  }

  /**
   * Compares every two groups on the seeds that both have.
   *
   * @return the comparisons, in the order of the groups
   */
  public List<GroupComparison> comparisons() {
    List<GroupComparison> comparisons = new ArrayList<>();
    for (int first = 0; first < groups.size(); first++) {
      for (int second = first + 1; second < groups.size(); second++) {
        compare(groups.get(first).name(), groups.get(second).name()).ifPresent(comparisons::add);
      }
    }
    return judged(comparisons);
  }

  private Optional<GroupComparison> compare(String first, String second) {
    List<AblationRun> firsts = new ArrayList<>();
    List<AblationRun> seconds = new ArrayList<>();
    for (AblationRun a : of(first)) {
      for (AblationRun b : of(second)) {
        if (a.seed() == b.seed()) {
          firsts.add(a);
          seconds.add(b);
        }
      }
    }
    return firsts.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new GroupComparison(
                first,
                second,
                PairedRuns.difference(firsts, seconds),
                false,
                PairedRuns.climb(firsts, seconds)));
  }

  /** Holm's: the smallest p has to pass for all, the next for all but one, until one fails. */
  private static List<GroupComparison> judged(List<GroupComparison> comparisons) {
    List<GroupComparison> ordered =
        comparisons.stream().sorted(Comparator.comparingDouble(c -> c.difference().p())).toList();
    int passed = 0;
    while (passed < ordered.size()
        && ordered.get(passed).difference().p() * (ordered.size() - passed) < LEVEL) {
      passed++;
    }
    List<GroupComparison> beyond = ordered.subList(0, passed);
    return comparisons.stream()
        .map(
            c ->
                new GroupComparison(
                    c.first(), c.second(), c.difference(), beyond.contains(c), c.climb()))
        .toList();
  }

  /**
   * Writes it, to be replaced when more runs are finished.
   *
   * @param folder where {@code ablation.json} goes
   * @throws io.github.lorascope.io.FileWriteException if the file system fails
   */
  public void write(Path folder) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("provenance", new TreeMap<>(provenance));
    json.put("n", pairs);
    List<Object> groupList = new ArrayList<>();
    for (int i = 0; i < groups.size(); i++) {
      groupList.add(toJson(groups.get(i), parameters.get(i)));
    }
    json.put("groups", groupList);
    json.put("runs", runs.stream().map(Ablation::toJson).toList());
    json.put("comparisons", comparisons().stream().map(Ablation::toJson).toList());
    AtomicFiles.writeString(folder.resolve(FILE_NAME), Json.writePretty(json));
  }

  private Map<String, Object> toJson(LayerGroup group, long count) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", group.name());
    json.put("layers", group.layers());
    json.put("parameters", count);
    accuracy(group.name())
        .ifPresent(
            mean -> {
              json.put("accuracy", mean.mean());
              json.put("low", mean.low());
              json.put("high", mean.high());
            });
    return json;
  }

  private static Map<String, Object> toJson(AblationRun run) {
    Proportion accuracy = run.accuracy();
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("group", run.group());
    json.put("seed", run.seed());
    json.put("accuracy", accuracy.accuracy());
    json.put("low", accuracy.low());
    json.put("high", accuracy.high());
    json.put("steps", run.steps());
    json.put("climb_step", run.climbStep().isPresent() ? run.climbStep().getAsInt() : null);
    json.put("climb_pairs", run.climbPairs().isPresent() ? run.climbPairs().getAsInt() : null);
    json.put("right", run.right());
    return json;
  }

  private static Map<String, Object> toJson(GroupComparison comparison) {
    CrossedMean difference = comparison.difference();
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("first", comparison.first());
    json.put("second", comparison.second());
    json.put("difference", difference.mean());
    json.put("low", difference.low());
    json.put("high", difference.high());
    json.put("p", difference.p());
    json.put("beyond_noise", comparison.isBeyondNoise());
    MeanInterval climb = comparison.climb().orElse(null);
    json.put("climb_pairs", climb == null ? null : climb.mean());
    json.put("climb_pairs_low", climb == null || climb.n() < 2 ? null : climb.low());
    json.put("climb_pairs_high", climb == null || climb.n() < 2 ? null : climb.high());
    json.put("climb_seeds", climb == null ? 0 : climb.n());
    return json;
  }

  /**
   * For people to read: a line a group, and a line a comparison.
   *
   * @return the lines, each ended by a line break
   */
  public String table() {
    String row = "%-" + width() + "s  %-12s %12s  %-24s  %-20s  %s%n";
    StringBuilder text = new StringBuilder();
    line(text, row, "group", "layers", "parameters", "accuracy", "by seed", "pairs to the climb");
    for (int i = 0; i < groups.size(); i++) {
      LayerGroup group = groups.get(i);
      List<AblationRun> own = of(group.name());
      line(
          text,
          row,
          group.name(),
          group.ranges(),
          String.format(Locale.ROOT, "%,d", parameters.get(i)),
          accuracy(group.name()).map(CrossedMean::toString).orElse("not finished"),
          joined(own.stream().map(r -> String.format(Locale.ROOT, "%.4f", share(r)))),
          joined(own.stream().map(Ablation::climb)));
    }
    List<GroupComparison> comparisons = comparisons();
    if (!comparisons.isEmpty()) {
      text.append(note());
      comparisons.forEach(c -> text.append(String.format(Locale.ROOT, "  %s%n", c)));
    }
    return text.toString();
  }

  private int width() {
    return Math.max(5, groups.stream().mapToInt(group -> group.name().length()).max().orElse(0));
  }

  private static void line(StringBuilder text, String row, Object... cells) {
    text.append(String.format(Locale.ROOT, row, cells));
  }

  private static String joined(Stream<String> parts) {
    return parts.collect(Collectors.joining(" "));
  }

  private static double share(AblationRun run) {
    return run.accuracy().accuracy();
  }

  private static String climb(AblationRun run) {
    return run.climbPairs().isPresent()
        ? String.format(Locale.ROOT, "%,d", run.climbPairs().getAsInt())
        : "-";
  }

  private String note() {
    boolean oneSeed = runs.stream().map(AblationRun::seed).distinct().count() == 1;
    return String.format(
        Locale.ROOT,
        "%nSecond less first on the same %,d pairs, 95%% intervals%s:%n",
        pairs,
        oneSeed ? " (one seed: how much trainings differ by chance is not in them)" : "");
  }

  /**
   * The same as {@link #table()}.
   *
   * @return the table
   */
  @Override
  public String toString() {
    return table();
  }
}
