package io.github.lorascope.ranking;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

class AggregationTest {
  private static PairAnswers answers(int items, double... shownRowByRow) {
    PairAnswers answers = new PairAnswers(items);
    for (int i = 0; i < shownRowByRow.length; i++) {
      if (!Double.isNaN(shownRowByRow[i])) {
        answers.put(new ItemPair(i / items, i % items), shownRowByRow[i]);
      }
    }
    return answers;
  }

  private static final double NONE = Double.NaN;

  @Test
  void meanProbabilityIsTheMeanOverOthersAndPositions() {
    PairAnswers answers = answers(3, NONE, 0.9, 0.6, 0.3, NONE, NONE, 0.2, NONE, NONE);
    double p01 = (0.9 + 0.7) / 2;
    double p02 = (0.6 + 0.8) / 2;
    assertArrayEquals(
        new double[] {(p01 + p02) / 2, (1 - p01 + 0.5) / 2, (1 - p02 + 0.5) / 2},
        Aggregation.meanProbability().scores(answers),
        1e-15);
  }

  @Test
  void copelandCountsWinsAndHalvesTies() {
    // 0 beats 1 over both positions, ties with 2, and 3 was only compared with 0, which lost.
    PairAnswers answers =
        answers(
            4, NONE, 0.9, 0.5, 0.1, 0.6, NONE, 0.3, NONE, 0.5, NONE, NONE, NONE, NONE, NONE, NONE,
            NONE);
    assertArrayEquals(
        new double[] {1.5 / 3, 0.5 / 3, 2 / 3.0, 2 / 3.0},
        Aggregation.copeland().scores(answers),
        1e-15);
  }

  /**
   * Of two items, by symmetry, g(0) = 1 / g(1) = g; with wins w and prior c, the derivative is zero
   * where w + c = g / (g + 1 / g) + 2 c g / (g + 1), which bisection solves.
   */
  @Test
  void twoItemsHaveTheStrengthsOfTheFormula() {
    for (double w : new double[] {0.5, 0.6, 0.9, 1}) {
      for (double c : new double[] {0.01, 0.1, 1}) {
        double low = 1;
        double high = 1e6;
        for (int i = 0; i < 200; i++) {
          double g = Math.sqrt(low * high);
          boolean tooWeak = g / (g + 1 / g) + 2 * c * g / (g + 1) < w + c;
          low = tooWeak ? g : low;
          high = tooWeak ? high : g;
        }
        double[] logs = new BradleyTerry(c).logStrengths(answers(2, NONE, w, NONE, NONE));
        assertEquals(Math.log(low), logs[0], 1e-12, "wins " + w + ", prior " + c);
        assertEquals(-Math.log(low), logs[1], 1e-12, "wins " + w + ", prior " + c);
      }
    }
  }

  /** With hardly a prior, P of the model is the share of wins: two items' maximum likelihood. */
  @Test
  void withoutMuchPriorTwoItemsKeepTheirProbability() {
    double[] logs = new BradleyTerry(1e-6).logStrengths(answers(2, NONE, 0.8, NONE, NONE));
    assertEquals(0.8, BradleyTerry.against(logs[0] - logs[1]), 1e-4);
  }

  /** Coordinate by coordinate, by golden section over the likelihood as it is written. */
  @Test
  void strengthsMaximizeTheLikelihood() {
    Random random = new Random(9);
    for (int trial = 0; trial < 8; trial++) {
      int items = 3 + trial % 3;
      double[] shown = new double[items * items];
      for (int i = 0; i < shown.length; i++) {
        boolean asked = i / items != i % items && random.nextDouble() < 0.6;
        shown[i] = asked ? random.nextDouble() : NONE;
      }
      PairAnswers answers = answers(items, shown);
      double[] logs = new double[items];
      for (int round = 0; round < 300; round++) {
        for (int item = 0; item < items; item++) {
          maximize(logs, item, answers, 0.1);
        }
      }
      double[] found = new BradleyTerry(0.1).logStrengths(answers);
      assertArrayEquals(logs, found, 1e-5);
      assertTrue(likelihood(found, answers, 0.1) >= likelihood(logs, answers, 0.1) - 1e-12);
    }
  }

  private static void maximize(double[] logs, int item, PairAnswers answers, double prior) {
    double low = -20;
    double high = 20;
    double ratio = (Math.sqrt(5) - 1) / 2;
    while (high - low > 1e-9) {
      double left = high - ratio * (high - low);
      double right = low + ratio * (high - low);
      logs[item] = left;
      double atLeft = likelihood(logs, answers, prior);
      logs[item] = right;
      if (atLeft < likelihood(logs, answers, prior)) {
        low = left;
      } else {
        high = right;
      }
    }
    logs[item] = (low + high) / 2;
  }

  private static double likelihood(double[] logs, PairAnswers answers, double prior) {
    double sum = 0;
    for (int a = 0; a < logs.length; a++) {
      sum += prior * (logSigmoid(logs[a]) + logSigmoid(-logs[a]));
      for (int b = 0; b < logs.length; b++) {
        if (a != b && answers.compared(a, b)) {
          sum += (0.5 + answers.margin(a, b)) * logSigmoid(logs[a] - logs[b]);
        }
      }
    }
    return sum;
  }

  private static double logSigmoid(double x) {
    return -Math.log1p(Math.exp(-x));
  }

  @Test
  void itemsThatWonAllOrNothingOrWereNotAskedHaveFiniteStrengths() {
    PairAnswers answers = new PairAnswers(12);
    for (int a = 0; a < 11; a++) {
      for (int b = a + 1; b < 11; b++) {
        answers.put(new ItemPair(a, b), 1);
        answers.put(new ItemPair(b, a), 0);
      }
    }
    double[] scores = Aggregation.bradleyTerry().scores(answers);
    for (int item = 1; item < 11; item++) {
      assertTrue(scores[item] < scores[item - 1] && scores[item] > 0 && scores[item] < 1);
    }
    assertTrue(scores[0] < 1);
    assertEquals(0.5, scores[5], 1e-6, "the middle one, by symmetry");
    assertEquals(0.5, scores[11], 1e-12, "the one that nothing is known of");
  }

  /** The best scores lie within 1e-8 of 1, though each strength is nearly twice the next. */
  @Test
  void theBestOfManyItemsAreToldApart() {
    PairAnswers answers = new PairAnswers(50);
    for (int better = 1; better < 50; better++) {
      for (int worse = 0; worse < better; worse++) {
        answers.put(new ItemPair(better, worse), 1);
        answers.put(new ItemPair(worse, better), 0);
      }
    }
    double[] scores = Aggregation.bradleyTerry().scores(answers);
    for (int item = 1; item < 50; item++) {
      assertTrue(scores[item] > scores[item - 1] && scores[item] < 1, "item " + item);
    }
  }
}
