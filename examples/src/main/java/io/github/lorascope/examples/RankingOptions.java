package io.github.lorascope.examples;

import io.github.lorascope.ranking.Aggregation;
import io.github.lorascope.ranking.Ranker;
import io.github.lorascope.ranking.RankingStrategy;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The options that say which pairs a ranking asks about, and what it makes of the answers. */
final class RankingOptions {
  @Option(
      names = "--strategy",
      paramLabel = "NAME",
      converter = StrategyName.class,
      defaultValue = "all-pairs",
      description =
          "Which pairs are asked about: all-pairs, heapsort, sliding-window or tournament"
              + " (default: ${DEFAULT-VALUE}).")
  private RankingStrategy strategy;

  @Option(
      names = "--passes",
      paramLabel = "N",
      description =
          "Passes of the sliding window; after N, the first N are in their places (default: as many as"
              + " --wanted).")
  private Integer passes;

  @Option(
      names = "--aggregate",
      paramLabel = "NAME",
      converter = AggregationName.class,
      description =
          "What makes the order of the answers: mean (probability), copeland or bradley-terry"
              + " (default: mean for all-pairs, the order of the strategy itself for others).")
  private Aggregation aggregation;

  @Option(
      names = "--wanted",
      paramLabel = "N",
      description =
          "Only the first N have to be in order, which takes all but all-pairs fewer questions"
              + " (default: all).")
  private Integer wanted;

  @Option(
      names = "--budget",
      paramLabel = "N",
      description =
          "The most questions about one query; a ranking that would need more ends with the best order"
              + " that it knows (default: no bound).")
  private Long budget;

  @Option(
      names = "--one-position",
      description =
          "Ask about each pair once, for half of the questions, and not with either passage first.")
  private boolean onePosition;

  Ranker ranker() {
    Ranker ranker = Ranker.of(strategyWithPasses());
    ranker = aggregation == null ? ranker : ranker.withAggregation(aggregation);
    ranker = wanted == null ? ranker : ranker.withWanted(wanted);
    ranker = budget == null ? ranker : ranker.withBudget(budget);
    return onePosition ? ranker.inOnePosition() : ranker;
  }

  private RankingStrategy strategyWithPasses() {
    if (passes == null) {
      return strategy;
    }
    if (!strategy.name().equals(RankingStrategy.slidingWindow().name())) {
      throw new IllegalArgumentException(
          "--passes is for --strategy sliding-window; " + strategy.name() + " makes none");
    }
    return RankingStrategy.slidingWindow(passes);
  }

  /** Reads a strategy as it is written on a command line. */
  static final class StrategyName implements ITypeConverter<RankingStrategy> {
    @Override
    public RankingStrategy convert(String value) {
      return switch (value) {
        case "all-pairs" -> RankingStrategy.allPairs();
        case "heapsort" -> RankingStrategy.heapsort();
        case "sliding-window" -> RankingStrategy.slidingWindow();
        case "tournament" -> RankingStrategy.tournament();
        default ->
            throw new TypeConversionException(
                "'" + value + "' is not one of all-pairs, heapsort, sliding-window and tournament");
      };
    }
  }

  /** Reads an aggregation as it is written on a command line. */
  static final class AggregationName implements ITypeConverter<Aggregation> {
    @Override
    public Aggregation convert(String value) {
      return switch (value) {
        case "mean" -> Aggregation.meanProbability();
        case "copeland" -> Aggregation.copeland();
        case "bradley-terry" -> Aggregation.bradleyTerry();
        default ->
            throw new TypeConversionException(
                "'" + value + "' is not one of mean, copeland and bradley-terry");
      };
    }
  }
}
