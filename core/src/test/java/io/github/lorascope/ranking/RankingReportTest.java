package io.github.lorascope.ranking;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.metric.Proportion;
import java.util.List;
import java.util.Random;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

/** Position bias, cycles and confidence. */
class RankingReportTest {
  private static final Ranker ALL = Ranker.of(RankingStrategy.allPairs());

  private static PairJudge noise(long seed) {
    Random random = new Random(seed);
    return questions -> DoubleStream.generate(random::nextDouble).limit(questions.size()).toArray();
  }

  @Test
  void aJudgeThatAlwaysTakesTheFirstIsNothingButBias() {
    Ranking ranking = ALL.rank(5, q -> q.stream().mapToDouble(pair -> 0.9).toArray());
    PositionBias bias = ranking.positionBias();
    assertEquals(0.8, bias.difference().mean(), 1e-12);
    assertEquals(10, bias.difference().n());
    assertEquals(new Proportion(10, 10), bias.flips());
    assertEquals(0.5, ranking.confidence().whole(), 1e-12);
    assertEquals(List.of(0, 1, 2, 3, 4), ranking.order());
  }

  @Test
  void aJudgeThatIgnoresPositionsHasNoBias() {
    PositionBias bias = ALL.rank(6, KnownOrder.shuffled(6, new Random(1))).positionBias();
    assertEquals(0, bias.difference().mean(), 1e-15);
    assertEquals(new Proportion(0, 15), bias.flips());
  }

  /** P(0 beats 1) 0.9 with 0 first and 0.6 with 1 first; 0 and 2: 0.8 and 0.3. */
  @Test
  void biasIsTheMeanDifferenceOfPairsInBothPositions() {
    PairAnswers answers = new PairAnswers(4);
    answers.put(new ItemPair(0, 1), 0.9);
    answers.put(new ItemPair(1, 0), 0.4);
    answers.put(new ItemPair(0, 2), 0.8);
    answers.put(new ItemPair(2, 0), 0.7);
    answers.put(new ItemPair(2, 3), 1);
    PositionBias bias = PositionBias.of(answers);
    assertEquals((0.3 + 0.5) / 2, bias.difference().mean(), 1e-12);
    assertTrue(bias.difference().low() < 0.3 && bias.difference().high() > 0.5);
    assertEquals(new Proportion(1, 2), bias.flips());
  }

  @Test
  void oneCycleOfThreeIsOne() {
    double[][] p = {{0, 0.9, 0.4}, {0.1, 0, 0.7}, {0.6, 0.3, 0}};
    Ranking ranking =
        ALL.rank(3, q -> q.stream().mapToDouble(pair -> p[pair.first()][pair.second()]).toArray());
    assertEquals(new Cycles(1, 1), ranking.cycles());
    assertEquals(List.of(0, 2, 1), ranking.order());
    assertEquals(0.4, ranking.confidence().adjacent().get(0), 1e-12);
    assertEquals(0.3, ranking.confidence().adjacent().get(1), 1e-12);
    assertEquals(new Cycles(0, 20), ALL.rank(6, KnownOrder.shuffled(6, new Random(2))).cycles());
    assertEquals(new Cycles(0, 20), ALL.rank(6, new KnownOrder(new int[6])).cycles());
  }

  /** Kendall and Babington Smith: all triples less those in which one item beats both others. */
  @Test
  void cyclesAgreeWithTheFormulaOfWins() {
    for (int items = 0; items <= 12; items++) {
      Ranking ranking = ALL.rank(items, noise(items));
      long expected = items * (items - 1L) * (items - 2L) / 6;
      for (int a = 0; a < items; a++) {
        int wins = 0;
        for (int b = 0; b < items; b++) {
          wins += a != b && ranking.answers().beats(a, b) ? 1 : 0;
        }
        expected -= wins * (wins - 1L) / 2;
      }
      assertEquals(expected, ranking.cycles().intransitive(), items + " items");
      assertEquals(items * (items - 1L) * (items - 2L) / 6, ranking.cycles().triples());
    }
  }

  /** Every ordered triple of different items, each cycle three times. */
  @Test
  void cyclesOfSomePairsAgreeWithTryingAll() {
    int cyclic = 0;
    for (int seed = 0; seed < 20; seed++) {
      Ranking ranking = ALL.withBudget(30).rank(8, noise(seed));
      PairAnswers answers = ranking.answers();
      int tripled = 0;
      int possible = 0;
      for (int a = 0; a < 8; a++) {
        for (int b = 0; b < 8; b++) {
          for (int c = 0; c < 8; c++) {
            if (a != b && b != c && a != c) {
              tripled +=
                  answers.margin(a, b) > 0 && answers.margin(b, c) > 0 && answers.margin(c, a) > 0
                      ? 1
                      : 0;
              possible +=
                  answers.compared(a, b) && answers.compared(b, c) && answers.compared(c, a)
                      ? 1
                      : 0;
            }
          }
        }
      }
      assertEquals(new Cycles(tripled / 3, possible / 6), ranking.cycles());
      assertTrue(possible / 6 < 56);
      cyclic += tripled / 3;
    }
    assertTrue(cyclic > 0);
  }

  @Test
  void confidenceIsTheMeanOfWhatSupportsTheOrder() {
    double[][] p = {{0, 0.6, 0.9}, {0.4, 0, 0.7}, {0.1, 0.3, 0}};
    PairJudge judge = q -> q.stream().mapToDouble(pair -> p[pair.first()][pair.second()]).toArray();
    Confidence all = ALL.rank(3, judge).confidence();
    assertEquals((0.6 + 0.9 + 0.7) / 3, all.whole(), 1e-12);
    assertEquals(2, all.adjacent().size());
    assertEquals(0.6, all.adjacent().get(0), 1e-12);
    assertEquals(0.7, all.adjacent().get(1), 1e-12);
    Confidence first = ALL.withWanted(1).rank(3, judge).confidence();
    assertEquals((0.6 + 0.9) / 2, first.whole(), 1e-12);
    assertEquals(1, first.adjacent().size());
  }

  /** 1 beat 0 and 0 beat 2, so that 1 is expected to beat 2 by more than each of the two. */
  @Test
  void pairsThatWereNotComparedAreEstimated() {
    PairAnswers answers = new PairAnswers(3);
    answers.put(new ItemPair(1, 0), 0.8);
    answers.put(new ItemPair(0, 2), 0.8);
    Confidence confidence = Confidence.of(List.of(1, 2, 0), 3, answers);
    assertTrue(confidence.adjacent().get(0) > 0.8);
    assertEquals(0.2, confidence.adjacent().get(1), 1e-12);
  }

  @Test
  void withoutAnswersNothingIsKnown() {
    Ranking ranking = ALL.withBudget(0).rank(4, noise(0));
    assertEquals(0.5, ranking.confidence().whole(), 1e-12);
    assertEquals(List.of(0.5, 0.5, 0.5), ranking.confidence().adjacent());
    assertEquals(new Proportion(0, 0), ranking.positionBias().flips());
    assertEquals(new Cycles(0, 0), ranking.cycles());
    for (int items = 0; items < 2; items++) {
      Confidence none = ALL.rank(items, noise(0)).confidence();
      assertEquals(Double.NaN, none.whole());
      assertEquals(List.of(), none.adjacent());
    }
  }
}
