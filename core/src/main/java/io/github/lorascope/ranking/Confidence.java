package io.github.lorascope.ranking;

import java.util.ArrayList;
import java.util.List;

/**
 * How far the answers support an order, if their probabilities are right. The probability that the
 * upper of two items is the better one is the mean over the positions in which they were asked; of
 * two that were not compared, it is what Bradley-Terry strengths of all answers expect, with a
 * prior of 0.1.
 *
 * @param whole the expected share of pairs that stand in the right order, of all pairs whose upper
 *     item is wanted: 0.5 says that nothing is known, 1 that all is certain; NaN without a pair.
 *     Twice that less 1 is Kendall's tau as it is to be expected
 * @param adjacent for each wanted place but the order's last, the probability that its item is
 *     better than the next one; below 0.5 where answers form cycles
 */
public record Confidence(double whole, List<Double> adjacent) {
  /** Keeps a copy of the list. */
  public Confidence {
    adjacent = List.copyOf(adjacent);
  }

  static Confidence of(List<Integer> order, int wanted, PairAnswers answers) {
    double[] logs = null; // found where they are needed: of all pairs they never are
    List<Double> adjacent = new ArrayList<>();
    double sum = 0;
    long pairs = 0;
    for (int place = 0; place < wanted; place++) {
      for (int below = place + 1; below < order.size(); below++) {
        int a = order.get(place);
        int b = order.get(below);
        if (logs == null && !answers.compared(a, b)) {
          logs = new BradleyTerry(BradleyTerry.PRIOR).logStrengths(answers);
        }
        double p =
            answers.compared(a, b)
                ? 0.5 + answers.margin(a, b)
                : BradleyTerry.against(logs[a] - logs[b]);
        sum += p;
        pairs++;
        if (below == place + 1) {
          adjacent.add(p);
        }
      }
    }
    return new Confidence(pairs == 0 ? Double.NaN : sum / pairs, adjacent);
  }
}
