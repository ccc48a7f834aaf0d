package io.github.lorascope.ranking;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Orders items by asking about pairs: a strategy, how many items are wanted, a budget, and what
 * makes the order of the answers. Immutable and thread-safe, if its listener is.
 *
 * <pre>{@code
 * Ranker firstTen = Ranker.of(RankingStrategy.heapsort()).withWanted(10).withBudget(200);
 * Ranking ranking = reranker.rank("what is a gene?", passages, firstTen);
 * System.out.println(passages.get(ranking.order().get(0)));
 * System.out.println(ranking.asked() + " of at most " + firstTen.questions(passages.size()));
 * System.out.println(ranking.positionBias() + " " + ranking.cycles() + " " + ranking.confidence());
 * }</pre>
 */
public final class Ranker {
  private static final long UNBOUNDED = Long.MAX_VALUE;
  private static final int ALL = Integer.MAX_VALUE;

  private final RankingStrategy strategy;
  private final Optional<Aggregation> aggregation;
  private final int wanted;
  private final long budget;
  private final boolean bothPositions;
  private final RankingListener listener;

  private Ranker(
      RankingStrategy strategy,
      Optional<Aggregation> aggregation,
      int wanted,
      long budget,
      boolean bothPositions,
      RankingListener listener) {
    this.strategy = strategy;
    this.aggregation = aggregation;
    this.wanted = wanted;
    this.budget = budget;
    this.bothPositions = bothPositions;
    this.listener = listener;
  }

  /**
   * Makes a ranker of all items, without a budget, that asks each comparison in both positions.
   *
   * @param strategy which pairs are asked about
   * @return the ranker
   */
  public static Ranker of(RankingStrategy strategy) {
    return new Ranker(strategy, strategy.aggregation(), ALL, UNBOUNDED, true, RankingListener.NONE);
  }

  /**
   * Returns the same with an order made of all answers by an aggregation; where scores are equal,
   * the strategy's own order stands.
   *
   * @param other the aggregation
   * @return the ranker
   */
  public Ranker withAggregation(Aggregation other) {
    return new Ranker(
        strategy,
        Optional.of(Objects.requireNonNull(other, "aggregation")),
        wanted,
        budget,
        bothPositions,
        listener);
  }

  /**
   * Returns the same for which only the first items have to be in order; the others follow in
   * whatever order is known.
   *
   * @param items how many, at least 1
   * @return the ranker
   */
  public Ranker withWanted(int items) {
    if (items < 1) {
      throw new IllegalArgumentException("the first " + items + " items: give 1 or more");
    }
    return new Ranker(strategy, aggregation, items, budget, bothPositions, listener);
  }

  /**
   * Returns the same with a budget. A ranking that would need more ends when it is reached, with
   * the best order that is known then, and is marked as incomplete. Without an aggregation no
   * answer contradicts that order, or where answers contradict each other, none about neighbours.
   *
   * @param questions the most questions of a ranking, 0 or more
   * @return the ranker
   */
  public Ranker withBudget(long questions) {
    if (questions < 0) {
      throw new IllegalArgumentException("a budget of " + questions + " questions: give 0 or more");
    }
    return new Ranker(strategy, aggregation, wanted, questions, bothPositions, listener);
  }

  /**
   * Returns the same that asks each comparison once and not in both positions, for half of the
   * questions. Each item is shown first in about half of its comparisons, but a preference for a
   * position stays in every single one.
   *
   * @return the ranker
   */
  public Ranker inOnePosition() {
    return new Ranker(strategy, aggregation, wanted, budget, false, listener);
  }

  /**
   * Returns the same with a listener.
   *
   * @param other is told every answer as it comes
   * @return the ranker
   */
  public Ranker withListener(RankingListener other) {
    return new Ranker(
        strategy,
        aggregation,
        wanted,
        budget,
        bothPositions,
        Objects.requireNonNull(other, "listener"));
  }

  /**
   * Tells how many questions a ranking asks at most.
   *
   * @param items how many items there are
   * @return the bound of the strategy, or the budget if that is less
   * @throws IllegalArgumentException if there are less than 0 items
   */
  public long questions(int items) {
    requireCount(items);
    long comparisons = strategy.comparisons(items, Math.min(wanted, items));
    return Math.min(budget, bothPositions ? 2 * comparisons : comparisons);
  }

  /**
   * Describes all that an order depends on beside the answers.
   *
   * @return values by name
   */
  public Map<String, String> settings() {
    Map<String, String> settings = new TreeMap<>();
    settings.put("strategy", strategy.name());
    settings.put("aggregate", aggregation.map(Aggregation::name).orElse("none"));
    settings.put("wanted", wanted == ALL ? "all" : Integer.toString(wanted));
    settings.put("budget", budget == UNBOUNDED ? "none" : Long.toString(budget));
    settings.put("positions", bothPositions ? "both" : "one");
    return settings;
  }

  /**
   * Orders items.
   *
   * @param items how many, 0 or more
   * @param judge answers the questions
   * @return the order
   * @throws IllegalArgumentException if there are less than 0 items
   * @throws RankingException if an answer is no probability, a score of the aggregation no finite
   *     number, or the order of a strategy of one's own not one of all items
   */
  public Ranking rank(int items, PairJudge judge) {
    requireCount(items);
    PairAnswers answers = new PairAnswers(items);
    Progress progress = new Progress(answers);
    progress.comparisons =
        new Comparisons(
            Math.min(wanted, items), bothPositions, budget, judge, answers, progress::answered);
    boolean complete = true;
    try {
      strategy.run(progress.comparisons);
    } catch (BudgetReachedException e) {
      complete = false;
    }
    int[] own = ordered(progress.comparisons.order(), items);
    own = complete ? own : SettledOrder.of(own, answers);
    double[] scores = scores(answers, own);
    List<Integer> order = byScore(own, scores);
    return new Ranking(
        order,
        order.stream().map(item -> scores[item]).toList(),
        Math.min(wanted, items),
        complete,
        answers);
  }

  /** A strategy of one's own may be wrong. */
  private int[] ordered(int[] order, int items) {
    if (order == null) {
      throw new RankingException(
          "the strategy "
              + strategy.name()
              + " gives no order: call orderBy before the first question");
    }
    int[] sorted = order.clone();
    Arrays.sort(sorted);
    if (!Arrays.equals(sorted, IntStream.range(0, items).toArray())) {
      throw new RankingException(
          "the strategy "
              + strategy.name()
              + " gives an order of "
              + items
              + " items that does not hold each of them once");
    }
    return order;
  }

  private static void requireCount(int items) {
    if (items < 0) {
      throw new IllegalArgumentException(items + " items cannot be ranked");
    }
  }

  /** Of an order without an aggregation, its places: from 1 down to 1 / n. */
  private double[] scores(PairAnswers answers, int[] order) {
    if (aggregation.isPresent()) {
      return checked(aggregation.get(), answers);
    }
    double[] scores = new double[order.length];
    for (int place = 0; place < order.length; place++) {
      scores[order[place]] = (double) (order.length - place) / order.length;
    }
    return scores;
  }

  /** Sorting would put NaN first, and read past the end of too few. */
  private static double[] checked(Aggregation aggregation, PairAnswers answers) {
    double[] scores = aggregation.scores(answers);
    if (scores.length != answers.items()) {
      throw new RankingException(
          "the aggregation "
              + aggregation.name()
              + " gives "
              + scores.length
              + " scores for "
              + answers.items()
              + " items; each one needs its own");
    }
    for (int item = 0; item < scores.length; item++) {
      if (!Double.isFinite(scores[item])) {
        throw new RankingException(
            "the aggregation "
                + aggregation.name()
                + " gives item "
                + item
                + " the score "
                + scores[item]
                + "; a score is a finite number");
      }
    }
    return scores;
  }

  private static List<Integer> byScore(int[] order, double[] scores) {
    return Arrays.stream(order)
        .boxed()
        .sorted(Comparator.comparingDouble((Integer item) -> scores[item] + 0.0).reversed())
        .toList();
  }

  /** A ranking under way. */
  private final class Progress implements RankingProgress {
    private final PairAnswers answers;
    private Comparisons comparisons;

    Progress(PairAnswers answers) {
      this.answers = answers;
    }

    void answered(ItemPair question) {
      listener.answered(question, answers.shown(question.first(), question.second()), this);
    }

    @Override
    public long asked() {
      return answers.asked();
    }

    @Override
    public long atMost() {
      return questions(answers.items());
    }

    @Override
    public List<Integer> order() {
      int[] own = SettledOrder.of(comparisons.order(), answers);
      return byScore(own, scores(answers, own));
    }
  }
}
