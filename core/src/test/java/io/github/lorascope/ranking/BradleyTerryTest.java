package io.github.lorascope.ranking;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.Test;

/** Whether the maximum is reached: Newton's method against another one, and against derivatives. */
class BradleyTerryTest {
  private static final double[] PRIORS = {0.03, 0.1, 2};

  /** Each pair with a probability, in one position or both. */
  private static PairAnswers some(int items, double share, Random random, DoubleSupplier answer) {
    PairAnswers answers = new PairAnswers(items);
    for (int a = 0; a < items; a++) {
      for (int b = 0; b < items; b++) {
        if (a != b && random.nextDouble() < share) {
          answers.put(new ItemPair(a, b), answer.getAsDouble());
        }
      }
    }
    return answers;
  }

  /** The later, the better, without exception. */
  private static PairAnswers inOrder(int items) {
    PairAnswers answers = new PairAnswers(items);
    for (int better = 1; better < items; better++) {
      for (int worse = 0; worse < better; worse++) {
        answers.put(new ItemPair(better, worse), 1);
      }
    }
    return answers;
  }

  /**
   * Minorization-maximization (D. R. Hunter, "MM algorithms for generalized Bradley-Terry models",
   * 2004), which is slow, but never goes down either.
   */
  private static double[] slowly(PairAnswers answers, double prior) {
    double[] strengths = new double[answers.items()];
    Arrays.fill(strengths, 1);
    double worst = 1;
    while (worst > 1e-14) {
      worst = 0;
      for (int item = 0; item < strengths.length; item++) {
        double wins = prior;
        double rate = 2 * prior / (strengths[item] + 1);
        for (int other = 0; other < strengths.length; other++) {
          if (other != item && answers.compared(item, other)) {
            wins += 0.5 + answers.margin(item, other);
            rate += 1 / (strengths[item] + strengths[other]);
          }
        }
        worst = Math.max(worst, Math.abs(wins / rate / strengths[item] - 1));
        strengths[item] = wins / rate;
      }
    }
    return Arrays.stream(strengths).map(g -> g / (g + 1)).toArray();
  }

  private static void assertAsSlowly(PairAnswers answers, String what) {
    for (double prior : PRIORS) {
      double[] scores = new BradleyTerry(prior).scores(answers);
      assertArrayEquals(slowly(answers, prior), scores, 1e-9, what + ", prior " + prior);
    }
  }

  /** Wins less those that the strengths expect. */
  private static double worstDerivative(double[] logs, PairAnswers answers, double prior) {
    double worst = 0;
    for (int a = 0; a < logs.length; a++) {
      double sum = prior * (1 - 2 * BradleyTerry.against(logs[a]));
      for (int b = 0; b < logs.length; b++) {
        if (a != b && answers.compared(a, b)) {
          sum += 0.5 + answers.margin(a, b) - BradleyTerry.against(logs[a] - logs[b]);
        }
      }
      worst = Math.max(worst, Math.abs(sum));
    }
    return worst;
  }

  @Test
  void agreesWithASlowMethodOfSoftAnswers() {
    Random random = new Random(1);
    for (int items : new int[] {2, 3, 5, 12}) {
      assertAsSlowly(some(items, 1, random, random::nextDouble), items + " items");
    }
  }

  @Test
  void agreesWithASlowMethodOfDecidedAnswers() {
    Random random = new Random(2);
    for (int items : new int[] {2, 3, 5, 12}) {
      assertAsSlowly(some(items, 1, random, () -> random.nextInt(2)), items + " items");
      assertAsSlowly(inOrder(items), items + " items in order");
    }
  }

  @Test
  void agreesWithASlowMethodWhereItemsAreNotConnected() {
    Random random = new Random(3);
    for (int trial = 0; trial < 5; trial++) {
      assertAsSlowly(some(15, 0.06, random, () -> random.nextInt(3) / 2.0), "trial " + trial);
    }
    PairAnswers none = new PairAnswers(4);
    assertArrayEquals(new double[] {0.5, 0.5, 0.5, 0.5}, Aggregation.bradleyTerry().scores(none));
  }

  @Test
  void scoresOfManyItemsInOrderAreSymmetric() {
    double[] scores = Aggregation.bradleyTerry().scores(inOrder(101));
    for (int item = 0; item <= 50; item++) {
      assertEquals(1, scores[item] + scores[100 - item], 1e-12, "item " + item);
    }
    assertEquals(0.5, scores[50], 1e-12);
  }

  @Test
  void derivativesOfManyItemsAreZero() {
    Random random = new Random(4);
    for (PairAnswers answers :
        new PairAnswers[] {
          inOrder(40),
          inOrder(101),
          some(120, 1, random, () -> random.nextInt(2)),
          some(120, 0.4, random, random::nextDouble),
          some(200, 0.01, random, () -> random.nextInt(2))
        }) {
      for (double prior : new double[] {1e-6, 0.1, 2}) {
        double[] logs = new BradleyTerry(prior).logStrengths(answers);
        double worst = worstDerivative(logs, answers, prior);
        assertTrue(worst < 1e-10, worst + " of " + logs.length + " items, prior " + prior);
      }
    }
  }

  /** The strengths of a third of them lie where g / (g + 1) rounds to 1. */
  @Test
  void theBestOfHundredsAreToldApart() {
    PairAnswers answers = inOrder(300);
    double[] logs = new BradleyTerry(0.1).logStrengths(answers);
    assertTrue(worstDerivative(logs, answers, 0.1) < 1e-10);
    double[] scores = new BradleyTerry(0.1).scores(answers);
    for (int item = 1; item < 300; item++) {
      assertTrue(scores[item] > scores[item - 1] && scores[item] < 1, "item " + item);
    }
  }

  @Test
  void aTinyPriorKeepsScoresFinite() {
    double[] scores = new BradleyTerry(1e-12).scores(inOrder(60));
    for (int item = 0; item < 60; item++) {
      assertTrue(scores[item] >= 0 && scores[item] < 1, "item " + item + ": " + scores[item]);
    }
    assertTrue(scores[31] > scores[29]);
  }
}
