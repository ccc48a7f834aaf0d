package io.github.lorascope.ranking;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SettledOrderTest {
  private static final int ITEMS = 8;

  /** The pairs of an order, the higher item first, whose answer is the other way round. */
  static List<ItemPair> against(List<Integer> order, PairAnswers answers) {
    List<ItemPair> against = new ArrayList<>();
    for (int high = 0; high < order.size(); high++) {
      for (int low = high + 1; low < order.size(); low++) {
        int a = order.get(high);
        int b = order.get(low);
        if (answers.compared(a, b) && answers.beats(b, a)) {
          against.add(new ItemPair(a, b));
        }
      }
    }
    return against;
  }

  private static List<Integer> settled(PairAnswers answers) {
    int[] order = SettledOrder.of(IntStream.range(0, answers.items()).toArray(), answers);
    return Arrays.stream(order).boxed().toList();
  }

  /** A share of all pairs in one position, by a judge. */
  private static PairAnswers some(double share, PairJudge judge, Random random) {
    PairAnswers answers = new PairAnswers(ITEMS);
    for (int a = 0; a < ITEMS; a++) {
      for (int b = a + 1; b < ITEMS; b++) {
        if (random.nextDouble() < share) {
          ItemPair pair = new ItemPair(a, b);
          answers.put(pair, judge.judge(List.of(pair))[0]);
        }
      }
    }
    return answers;
  }

  @Test
  void nothingContradictsIt() {
    for (int seed = 0; seed < 100; seed++) {
      Random random = new Random(seed);
      PairAnswers answers = some(seed / 99.0, KnownOrder.shuffled(ITEMS, random), random);
      List<Integer> order = settled(answers);
      assertEquals(List.of(), against(order, answers));
      assertEquals(ITEMS, new HashSet<>(order).size());
    }
  }

  @Test
  void whatNoAnswerIsAgainstStaysWhereItIs() {
    PairAnswers answers = new PairAnswers(5);
    assertEquals(List.of(0, 1, 2, 3, 4), settled(answers));
    answers.put(new ItemPair(0, 3), 0.9);
    assertEquals(List.of(0, 1, 2, 3, 4), settled(answers));
    answers.put(new ItemPair(4, 1), 0.9);
    assertEquals(List.of(0, 2, 3, 4, 1), settled(answers));
  }

  /** No order agrees with all of them, but one whose neighbours do there always is. */
  @Test
  void whereAnswersGoInCirclesNeighboursAgree() {
    int circles = 0;
    for (int seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      PairAnswers answers =
          some(0.8, q -> q.stream().mapToDouble(pair -> random.nextDouble()).toArray(), random);
      List<Integer> order = settled(answers);
      List<ItemPair> against = against(order, answers);
      for (int low = 1; low < ITEMS; low++) {
        ItemPair neighbours = new ItemPair(order.get(low - 1), order.get(low));
        assertEquals(-1, against.indexOf(neighbours), order + " with " + against);
      }
      assertEquals(ITEMS, new HashSet<>(order).size());
      circles += (int) Cycles.of(answers).intransitive();
    }
    assertTrue(circles > 0);
  }
}
