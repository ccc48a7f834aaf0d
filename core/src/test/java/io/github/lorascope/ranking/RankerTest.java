package io.github.lorascope.ranking;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every strategy. */
class RankerTest {
  private static final int MOST_ITEMS = 19;

  /** A strategy under its name. */
  record Named(RankingStrategy strategy) {
    @Override
    public String toString() {
      return strategy.name();
    }
  }

  static Stream<Named> strategies() {
    return Stream.of(
            RankingStrategy.allPairs(),
            RankingStrategy.heapsort(),
            RankingStrategy.slidingWindow(),
            RankingStrategy.tournament())
        .map(Named::new);
  }

  private static List<Integer> inputOrder(int items) {
    return IntStream.range(0, items).boxed().toList();
  }

  @ParameterizedTest
  @MethodSource("strategies")
  void whatIsWantedComesOutInTheExactOrder(Named of) {
    Random random = new Random(1);
    for (int items = 0; items <= MOST_ITEMS; items++) {
      for (int wanted = 1; wanted <= Math.max(1, items); wanted++) {
        for (boolean both : new boolean[] {true, false}) {
          KnownOrder known = KnownOrder.shuffled(items, random);
          Ranker ranker = Ranker.of(of.strategy()).withWanted(wanted);
          Ranking ranking = (both ? ranker : ranker.inOnePosition()).rank(items, known);
          int first = Math.min(wanted, items);
          assertEquals(known.order().subList(0, first), ranking.order().subList(0, first));
          assertEquals(items, new HashSet<>(ranking.order()).size());
          assertTrue(ranking.isComplete());
          assertScoresFall(ranking);
        }
      }
    }
  }

  private static void assertScoresFall(Ranking ranking) {
    assertEquals(ranking.order().size(), ranking.scores().size());
    for (int i = 0; i < ranking.scores().size(); i++) {
      double score = ranking.scores().get(i);
      assertTrue(score >= 0 && score <= (i == 0 ? 1 : ranking.scores().get(i - 1)));
    }
  }

  @ParameterizedTest
  @MethodSource("strategies")
  void noMoreIsAskedThanWasSaidAndNothingTwice(Named of) {
    Random random = new Random(2);
    for (int items = 0; items <= MOST_ITEMS; items++) {
      for (int wanted = 1; wanted <= Math.max(1, items); wanted++) {
        KnownOrder known = KnownOrder.shuffled(items, random);
        Ranker ranker = Ranker.of(of.strategy()).withWanted(wanted);
        Ranking ranking = ranker.rank(items, known);
        assertEquals(known.asked.size(), ranking.asked());
        assertEquals(known.asked.size(), new HashSet<>(known.asked).size());
        assertEquals(2L * known.comparisons(), ranking.asked());
        assertTrue(ranking.asked() <= ranker.questions(items));

        KnownOrder once = KnownOrder.shuffled(items, random);
        Ranking single = ranker.inOnePosition().rank(items, once);
        assertEquals(once.comparisons(), single.asked());
        assertTrue(single.asked() <= ranker.inOnePosition().questions(items));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("strategies")
  void everyBudgetHolds(Named of) {
    Random random = new Random(3);
    for (int items : new int[] {0, 1, 2, 3, 7, 8}) {
      KnownOrder known = KnownOrder.shuffled(items, random);
      Ranker ranker = Ranker.of(of.strategy());
      Ranking whole = ranker.rank(items, known);
      for (int budget = 0; budget <= ranker.questions(items) + 1; budget++) {
        Ranker bounded = ranker.withBudget(budget);
        Ranking ranking = bounded.rank(items, known);
        assertTrue(ranking.asked() <= budget);
        assertTrue(bounded.questions(items) <= budget);
        assertEquals(budget >= whole.asked(), ranking.isComplete());
        assertEquals(items, new HashSet<>(ranking.order()).size());
        if (ranking.isComplete()) {
          assertEquals(whole.order(), ranking.order());
        } else if (of.strategy().aggregation().isEmpty()) {
          List<ItemPair> against = SettledOrderTest.against(ranking.order(), ranking.answers());
          assertEquals(List.of(), against, ranking.order() + " of " + budget);
        }
      }
      assertEquals(inputOrder(items), ranker.withBudget(0).rank(items, known).order());
    }
  }

  @ParameterizedTest
  @MethodSource("strategies")
  void equalItemsKeepTheirOrder(Named of) {
    KnownOrder known = new KnownOrder(1, 2, 1, 0, 2, 1, 0, 2, 2);
    for (Aggregation aggregation : aggregations()) {
      Ranker ranker = Ranker.of(of.strategy());
      assertEquals(known.order(), ranker.rank(known.items(), known).order());
      KnownOrder same = new KnownOrder(new int[11]);
      assertEquals(inputOrder(11), ranker.withAggregation(aggregation).rank(11, same).order());
    }
  }

  private static List<Aggregation> aggregations() {
    return List.of(
        Aggregation.meanProbability(), Aggregation.copeland(), Aggregation.bradleyTerry());
  }

  @Test
  void anAggregationOfAllPairsMakesTheExactOrder() {
    Random random = new Random(4);
    for (Aggregation aggregation : aggregations()) {
      for (int items = 0; items <= 12; items++) {
        KnownOrder known = KnownOrder.shuffled(items, random);
        Ranker ranker = Ranker.of(RankingStrategy.allPairs()).withAggregation(aggregation);
        Ranking ranking = ranker.rank(items, known);
        assertEquals(known.order(), ranking.order(), aggregation.name());
        assertScoresFall(ranking);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("strategies")
  void answersThatAreNoProbabilitiesAreRefused(Named of) {
    Ranker ranker = Ranker.of(of.strategy());
    for (double bad : new double[] {Double.NaN, -0.1, 1.1, Double.POSITIVE_INFINITY}) {
      String message =
          assertThrows(
                  RankingException.class,
                  () -> ranker.rank(3, q -> q.stream().mapToDouble(pair -> bad).toArray()))
              .getMessage();
      assertTrue(message.contains("were answered with " + bad), message);
    }
    assertThrows(RankingException.class, () -> ranker.rank(2, questions -> new double[7]));
  }

  @ParameterizedTest
  @MethodSource("strategies")
  void theListenerIsToldEveryAnswerAndTheOrderSoFar(Named of) {
    KnownOrder known = KnownOrder.shuffled(9, new Random(5));
    List<ItemPair> told = new ArrayList<>();
    List<List<Integer>> orders = new ArrayList<>();
    Ranker ranker = Ranker.of(of.strategy());
    Ranking ranking =
        ranker
            .withListener(
                (question, p, soFar) -> {
                  told.add(question);
                  assertEquals(told.size(), soFar.asked());
                  assertEquals(ranker.questions(9), soFar.atMost());
                  assertEquals(known.judge(List.of(question))[0], p);
                  known.asked.remove(known.asked.size() - 1);
                  assertEquals(9, new HashSet<>(soFar.order()).size());
                  orders.add(soFar.order());
                })
            .rank(9, known);
    assertEquals(known.asked, told);
    assertNotEquals(orders.get(0), orders.get(orders.size() - 1));
    // The last answer may make a change that no further one follows.
    assertEquals(ranking.order().get(0), orders.get(orders.size() - 1).get(0));
  }

  @Test
  void allPairsAskExactlyAllAndSaySo() {
    for (int items = 0; items <= MOST_ITEMS; items++) {
      KnownOrder known = KnownOrder.shuffled(items, new Random(items));
      Ranker ranker = Ranker.of(RankingStrategy.allPairs());
      assertEquals(items * (items - 1L), ranker.rank(items, known).asked());
      assertEquals(items * (items - 1L), ranker.questions(items));
      assertEquals(items < 2 ? 0 : items, known.calls);
      known.asked.clear();
      assertEquals(items * (items - 1L) / 2, ranker.inOnePosition().rank(items, known).asked());
      assertEquals(items * (items - 1L) / 2, known.comparisons());
      int[] first = new int[items];
      known.asked.forEach(question -> first[question.first()]++);
      for (int times : first) {
        assertTrue(Math.abs(times - (items - 1) / 2.0) <= 0.5, "shown first " + times);
      }
    }
  }

  /** A preference for a position cancels where each item has each of them equally often. */
  @Test
  void aBudgetOfAllPairsIsSpentFairly() {
    int items = 10;
    for (int rounds = 0; rounds < items; rounds++) {
      KnownOrder known = KnownOrder.shuffled(items, new Random(6));
      Ranker ranker = Ranker.of(RankingStrategy.allPairs()).withBudget((long) rounds * items);
      assertEquals(rounds == items - 1, ranker.rank(items, known).isComplete());
      int[] first = new int[items];
      int[] second = new int[items];
      known.asked.forEach(question -> first[question.first()]++);
      known.asked.forEach(question -> second[question.second()]++);
      for (int item = 0; item < items; item++) {
        assertEquals(rounds, first[item]);
        assertEquals(rounds, second[item]);
      }
      assertTrue(known.calls <= items);
    }
  }

  /** All nine million questions would take most of a gigabyte. */
  @Test
  void noMoreQuestionsAreMadeThanTheBudgetHas() {
    int items = 3_000;
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    for (boolean both : new boolean[] {true, false}) {
      KnownOrder known = KnownOrder.shuffled(items, new Random(10));
      PairAnswers answers = new PairAnswers(items);
      Comparisons comparisons = new Comparisons(items, both, 3_200, known, answers, question -> {});
      long before = threads.getCurrentThreadAllocatedBytes();
      assertThrows(BudgetReachedException.class, () -> RankingStrategy.allPairs().run(comparisons));
      long bytes = threads.getCurrentThreadAllocatedBytes() - before;
      long room = 8L * items * items; // for the answers
      assertTrue(bytes - room < 10_000_000, bytes + " bytes");
      assertEquals(3_200, answers.asked());
      assertEquals(new ItemPair(0, 1), known.asked.get(0));
      assertEquals(new ItemPair(0, both ? items - 1 : 2), known.asked.get(1));
    }
  }

  @Test
  void whatABudgetDoesNotReachIsNotLookedAt() {
    KnownOrder known = KnownOrder.shuffled(3, new Random(11));
    PairAnswers answers = new PairAnswers(3);
    Comparisons comparisons = new Comparisons(3, true, 2, known, answers, question -> {});
    List<ItemPair> endless =
        new AbstractList<>() {
          @Override
          public ItemPair get(int i) {
            assertTrue(i < 1_000, "place " + i);
            return new ItemPair(i % 3, (i + 1) % 3);
          }

          @Override
          public int size() {
            return Integer.MAX_VALUE;
          }
        };
    assertThrows(BudgetReachedException.class, () -> comparisons.ask(endless));
    assertEquals(List.of(new ItemPair(0, 1), new ItemPair(1, 2)), known.asked);
  }

  /** The bound of building a heap is reached by some order but for answers that are known. */
  @Test
  void noOrderTakesMoreToBuildAHeapThanWasSaid() {
    int[] most = {0, 0, 1, 2, 4, 6, 7, 8};
    for (int items = 0; items <= 7; items++) {
      Ranker first = Ranker.of(RankingStrategy.heapsort()).withWanted(1).inOnePosition();
      long worst = 0;
      for (int[] levels : permutations(items)) {
        KnownOrder known = new KnownOrder(levels);
        worst = Math.max(worst, first.rank(items, known).asked());
      }
      assertTrue(worst <= first.questions(items), worst + " of " + items);
      assertEquals(most[items], first.questions(items), "the formula for " + items);
    }
  }

  /** For all items too, over every order of up to 7. */
  @ParameterizedTest
  @MethodSource("strategies")
  void noOrderTakesMoreThanWasSaid(Named of) {
    for (int items = 0; items <= 7; items++) {
      for (int[] levels : permutations(items)) {
        for (int wanted : new int[] {1, 2, 4, 7}) {
          Ranker ranker = Ranker.of(of.strategy()).withWanted(wanted).inOnePosition();
          long asked = ranker.rank(items, new KnownOrder(levels)).asked();
          assertTrue(asked <= ranker.questions(items), asked + " of " + items);
        }
      }
    }
  }

  private static List<int[]> permutations(int items) {
    List<int[]> all = new ArrayList<>();
    permute(IntStream.range(0, items).toArray(), 0, all);
    return all;
  }

  private static void permute(int[] levels, int from, List<int[]> all) {
    if (from >= levels.length - 1) {
      all.add(levels.clone());
      return;
    }
    for (int i = from; i < levels.length; i++) {
      swap(levels, from, i);
      permute(levels, from + 1, all);
      swap(levels, from, i);
    }
  }

  private static void swap(int[] values, int i, int j) {
    int value = values[i];
    values[i] = values[j];
    values[j] = value;
  }

  /** A strategy of one's own that gives an order without a question. */
  private static Ranker ordering(int... order) {
    return Ranker.of(
        new RankingStrategy() {
          @Override
          public String name() {
            return "mine";
          }

          @Override
          public long comparisons(int items, int wanted) {
            return 0;
          }

          @Override
          public void run(Comparisons comparisons) {
            if (order.length > 0) {
              comparisons.orderBy(() -> order);
            }
          }
        });
  }

  @Test
  void anOrderThatIsNoneIsRefused() {
    KnownOrder known = KnownOrder.shuffled(3, new Random(1));
    assertEquals(List.of(2, 0, 1), ordering(2, 0, 1).rank(3, known).order());
    for (int[] order : new int[][] {{}, {2, 2, 0}, {2}, {2, 7, 0}, {2, -1, 0}, {2, 1, 0, 3}}) {
      String message =
          assertThrows(RankingException.class, () -> ordering(order).rank(3, known)).getMessage();
      assertTrue(message.startsWith("the strategy mine gives "), message);
      Ranker summed = ordering(order).withAggregation(Aggregation.copeland());
      assertThrows(RankingException.class, () -> summed.rank(3, known));
    }
  }

  /** Room for every two of them would be 12.8 GB. */
  @Test
  void fewQuestionsAboutManyItemsTakeLittleMemory() {
    KnownOrder known = KnownOrder.shuffled(40_000, new Random(2));
    Ranking ranking =
        Ranker.of(RankingStrategy.tournament()).withWanted(1).withBudget(100).rank(40_000, known);
    assertEquals(100, ranking.asked());
    assertEquals(40_000, ranking.order().size());
  }

  @Test
  void zeroAndMinusZeroAreEqualScores() {
    KnownOrder known = KnownOrder.shuffled(3, new Random(1));
    Aggregation zeros = giving(-0.0, 0.0, -0.0);
    assertEquals(List.of(2, 0, 1), ordering(2, 0, 1).withAggregation(zeros).rank(3, known).order());
  }

  @Test
  void heapsortTakesFewerComparisonsThanAllPairs() {
    KnownOrder known = KnownOrder.shuffled(100, new Random(7));
    long asked = Ranker.of(RankingStrategy.heapsort()).inOnePosition().rank(100, known).asked();
    assertTrue(asked < 700, "n log2 n is 664, all pairs are 4950: " + asked);
  }

  /** With the best at the end, every pass meets pairs that were not compared. */
  @Test
  void slidingWindowsAskExactlyWhatTheySayWhereTheBestStandLast() {
    for (int items = 0; items <= MOST_ITEMS; items++) {
      for (int passes = 1; passes <= items + 1; passes++) {
        KnownOrder known = new KnownOrder(IntStream.range(0, items).toArray());
        Ranker ranker = Ranker.of(RankingStrategy.slidingWindow(passes));
        int done = Math.min(passes, Math.max(0, items - 1));
        long comparisons = 0;
        for (int pass = 1; pass <= done; pass++) {
          comparisons += items - pass;
        }
        assertEquals(2 * comparisons, ranker.questions(items));
        Ranking ranking = ranker.rank(items, known);
        assertEquals(2 * comparisons, ranking.asked());
        assertEquals(known.order().subList(0, done), ranking.order().subList(0, done));
      }
    }
  }

  /** In order already: the second pass asks nothing new. */
  @Test
  void slidingWindowsAskNothingNewOfItemsInOrder() {
    KnownOrder known = new KnownOrder(5, 4, 3, 2, 1, 0);
    Ranker ranker = Ranker.of(RankingStrategy.slidingWindow(3)).inOnePosition();
    assertEquals(5, ranker.rank(6, known).asked());
  }

  @Test
  void aTournamentAsksOneLessThanItemsForTheBest() {
    for (int items = 1; items <= MOST_ITEMS; items++) {
      KnownOrder known = KnownOrder.shuffled(items, new Random(items));
      Ranker ranker = Ranker.of(RankingStrategy.tournament()).withWanted(1).inOnePosition();
      assertEquals(items - 1, ranker.rank(items, known).asked());
      assertEquals(items - 1, ranker.questions(items));
      int rounds = (int) Math.ceil(Math.log(items) / Math.log(2) - 1e-9);
      assertEquals(rounds, known.calls, "a round is asked at once");
      if (items > 1) {
        assertEquals(items + rounds - 2, ranker.withWanted(2).questions(items));
      }
    }
    KnownOrder known = KnownOrder.shuffled(16, new Random(8));
    Ranker two = Ranker.of(RankingStrategy.tournament()).withWanted(2).inOnePosition();
    assertEquals(15 + 3, two.rank(16, known).asked());
  }

  /** A strategy that repeats itself, in turned pairs and after single questions. */
  private static RankingStrategy repeating() {
    return new RankingStrategy() {
      @Override
      public String name() {
        return "repeating";
      }

      @Override
      public long comparisons(int items, int wanted) {
        return 3;
      }

      @Override
      public void run(Comparisons comparisons) {
        comparisons.orderBy(() -> new int[] {0, 1, 2});
        comparisons.ask(List.of(new ItemPair(0, 1)));
        comparisons.compare(List.of(new ItemPair(1, 0), new ItemPair(0, 1)));
        comparisons.compare(
            List.of(
                new ItemPair(0, 2), new ItemPair(2, 0), new ItemPair(1, 2), new ItemPair(1, 2)));
        comparisons.ask(List.of(new ItemPair(1, 0), new ItemPair(0, 1)));
      }
    };
  }

  @Test
  void aStrategyThatRepeatsItselfAsksNothingTwice() {
    KnownOrder both = new KnownOrder(0, 1, 2);
    Ranking whole = Ranker.of(repeating()).withBudget(6).rank(3, both);
    assertEquals(6, new HashSet<>(both.asked).size());
    assertEquals(6, both.asked.size());
    assertTrue(whole.isComplete() && whole.asked() == 6);

    KnownOrder one = new KnownOrder(0, 1, 2);
    Ranker.of(repeating()).inOnePosition().rank(3, one);
    assertEquals(one.asked.size(), new HashSet<>(one.asked).size());
    assertEquals(4, one.asked.size(), "a pair each, and one that was turned on purpose");
  }

  @Test
  void settingsTellWhatAnOrderDependsOn() {
    assertEquals(
        Map.of(
            "strategy", "all-pairs",
            "aggregate", "mean-probability",
            "wanted", "all",
            "budget", "none",
            "positions", "both"),
        Ranker.of(RankingStrategy.allPairs()).settings());
    assertEquals(
        Map.of(
            "strategy", "sliding-window(3)",
            "aggregate", "bradley-terry(0.5)",
            "wanted", "10",
            "budget", "99",
            "positions", "one"),
        Ranker.of(RankingStrategy.slidingWindow(3))
            .withAggregation(Aggregation.bradleyTerry(0.5))
            .withWanted(10)
            .withBudget(99)
            .inOnePosition()
            .settings());
    assertEquals("none", Ranker.of(RankingStrategy.heapsort()).settings().get("aggregate"));
  }

  private static Aggregation giving(double... scores) {
    return new Aggregation() {
      @Override
      public String name() {
        return "mine";
      }

      @Override
      public double[] scores(PairAnswers answers) {
        return scores;
      }
    };
  }

  @Test
  void scoresThatMakeNoOrderAreRefused() {
    KnownOrder known = new KnownOrder(0, 1, 2);
    Ranker ranker = Ranker.of(RankingStrategy.allPairs());
    assertEquals(List.of(1, 0, 2), ranker.withAggregation(giving(2, 3, 1)).rank(3, known).order());
    for (double bad : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
      Ranker of = ranker.withAggregation(giving(2, 3, bad));
      assertEquals(
          "the aggregation mine gives item 2 the score " + bad + "; a score is a finite number",
          assertThrows(RankingException.class, () -> of.rank(3, known)).getMessage());
    }
    for (double[] wrong : new double[][] {{2, 3}, {2, 3, 1, 4}}) {
      Ranker of = ranker.withAggregation(giving(wrong));
      String message = assertThrows(RankingException.class, () -> of.rank(3, known)).getMessage();
      assertTrue(message.contains("mine gives " + wrong.length + " scores for 3 items"), message);
    }
  }

  @Test
  void impossibleOptionsAreRefused() {
    Ranker ranker = Ranker.of(RankingStrategy.heapsort());
    assertThrows(IllegalArgumentException.class, () -> ranker.withWanted(0));
    assertThrows(IllegalArgumentException.class, () -> ranker.rank(-1, questions -> new double[0]));
    assertThrows(IllegalArgumentException.class, () -> ranker.withBudget(-1));
    assertThrows(IllegalArgumentException.class, () -> RankingStrategy.slidingWindow(0));
    assertThrows(IllegalArgumentException.class, () -> Aggregation.bradleyTerry(0));
    assertThrows(IllegalArgumentException.class, () -> Aggregation.bradleyTerry(Double.NaN));
    assertThrows(IllegalArgumentException.class, () -> new ItemPair(1, 1));
    assertFalse(ranker.withBudget(0).rank(2, q -> new double[2]).isComplete());
  }
}
