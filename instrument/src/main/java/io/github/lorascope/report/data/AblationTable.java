package io.github.lorascope.report.data;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.lorascope.json.Json;
import io.github.lorascope.json.JsonException;
import io.github.lorascope.json.JsonObject;
import io.github.lorascope.metric.Proportion;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;

/**
 * Trainings of some layers alone, compared.
 *
 * @param n examples that each was evaluated on
 * @param groups what was trained
 * @param runs one a group and seed
 * @param comparisons groups against each other on the same examples
 */
public record AblationTable(
    int n, List<Group> groups, List<Run> runs, List<Comparison> comparisons) {
  /** Copies the lists. */
  public AblationTable {
    groups = List.copyOf(groups);
    runs = List.copyOf(runs);
    comparisons = List.copyOf(comparisons);
  }

  /**
   * Layers that are trained together.
   *
   * @param name of the group
   * @param layers their numbers from 0
   * @param accuracy over all seeds, as the analysis has it
   */
  public record Group(String name, List<Integer> layers, Estimate accuracy) {
    /** Copies the list. */
    public Group {
      layers = List.copyOf(layers);
    }
  }

  /**
   * One training.
   *
   * @param group what was trained
   * @param seed of its first parameters and data order
   * @param accuracy after it
   * @param climbStep step at which the smoothed loss left the plateau, if it did
   * @param climbPairs pairs that had been seen by then, if the analysis says so
   */
  public record Run(
      String group, long seed, Estimate accuracy, OptionalInt climbStep, OptionalInt climbPairs) {
    /**
     * Where it is kept.
     *
     * @return the name of its folder
     */
    public String folder() {
      return group + "-seed" + seed;
    }
  }

  /**
   * Two groups on the same examples.
   *
   * @param first a group
   * @param second another
   * @param difference accuracy of the second less that of the first
   * @param probability that chance alone makes as large a difference
   * @param beyondNoise whether the analysis takes the difference for real
   * @param climb pairs to the climb of the second less those of the first
   */
  public record Comparison(
      String first,
      String second,
      Estimate difference,
      double probability,
      boolean beyondNoise,
      Estimate climb) {}

  /**
   * How well a group does. Where the file has no interval of its own, which covers pairs and seeds,
   * it is that of one seed: all seeds answer the same pairs, so more of them do not narrow it.
   *
   * @param name of the group
   * @return the accuracy with its interval; unknown where the group has no run
   */
  public Estimate accuracy(String name) {
    for (Group group : groups) {
      if (group.name().equals(name) && group.accuracy().isKnown()) {
        return group.accuracy();
      }
    }
    double mean =
        runs.stream()
            .filter(run -> run.group().equals(name) && run.accuracy().isKnown())
            .mapToDouble(run -> run.accuracy().value())
            .average()
            .orElse(Double.NaN);
    if (!(mean >= 0 && mean <= 1) || n < 1) {
      return Estimate.UNKNOWN;
    }
    Proportion one = new Proportion(Math.round(n * mean), n);
    return new Estimate(mean, Math.min(mean, one.low()), Math.max(mean, one.high()));
  }

  static AblationTable read(Path file) {
    JsonObject object = Json.read(file);
    return new AblationTable(
        object.integer("n"),
        object.objects("groups").stream()
            .map(
                group ->
                    new Group(
                        group.string("name"),
                        group.integers("layers"),
                        Estimate.read(group, "accuracy", "low", "high")))
            .toList(),
        object.objects("runs").stream().map(AblationTable::run).toList(),
        object.has("comparisons")
            ? object.objects("comparisons").stream().map(AblationTable::comparison).toList()
            : List.of());
  }

  private static Run run(JsonObject run) {
    return new Run(
        run.string("group"),
        seed(run),
        Estimate.read(run, "accuracy", "low", "high"),
        optional(run, "climb_step"),
        optional(run, "climb_pairs"));
  }

  private static long seed(JsonObject run) {
    JsonNode seed = run.node("seed");
    if (!seed.isIntegralNumber() || !seed.canConvertToLong()) {
      throw new JsonException(run.source() + ": seed has to be a whole number but is " + seed);
    }
    return seed.longValue();
  }

  private static OptionalInt optional(JsonObject run, String name) {
    return run.has(name) ? OptionalInt.of(run.integer(name)) : OptionalInt.empty();
  }

  private static Comparison comparison(JsonObject row) {
    return new Comparison(
        row.string("first"),
        row.string("second"),
        Estimate.read(row, "difference", "low", "high"),
        row.number("p", Double.NaN),
        row.bool("beyond_noise"),
        Estimate.read(row, "climb_pairs", "climb_pairs_low", "climb_pairs_high"));
  }
}
