package io.github.lorascope.ranking;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * What a {@link RankingStrategy} asks through. No question is asked twice: a pair that was compared
 * costs nothing more. Once the budget is reached, the method that needs more of it does not return;
 * the strategy lets that pass through.
 */
public final class Comparisons {
  private final int wanted;
  private final boolean bothPositions;
  private final long budget;
  private final PairJudge judge;
  private final PairAnswers answers;
  private final Consumer<ItemPair> listener;
  private Supplier<int[]> order;

  Comparisons(
      int wanted,
      boolean bothPositions,
      long budget,
      PairJudge judge,
      PairAnswers answers,
      Consumer<ItemPair> listener) {
    this.wanted = wanted;
    this.bothPositions = bothPositions;
    this.budget = budget;
    this.judge = judge;
    this.answers = answers;
    this.listener = listener;
  }

  /**
   * Counts the items.
   *
   * @return how many there are to order
   */
  public int items() {
    return answers.items();
  }

  /**
   * Tells how many items have to be in order.
   *
   * @return the first so many, from 0 to all
   */
  public int wanted() {
    return wanted;
  }

  /**
   * Tells how a comparison is asked.
   *
   * @return true: in both positions, which are two questions; false: in one
   */
  public boolean bothPositions() {
    return bothPositions;
  }

  /**
   * Says where the best order so far is found at any time, also when the budget ends the strategy.
   *
   * @param best gives all items, the best first
   */
  public void orderBy(Supplier<int[]> best) {
    order = best;
  }

  /** Null where the strategy did not say. */
  int[] order() {
    return order == null ? null : order.get();
  }

  /**
   * Gives the answers so far, for strategies that go by how sure they are.
   *
   * @return the answers; they grow with every question
   */
  public PairAnswers answers() {
    return answers;
  }

  /**
   * Compares two items, unless that was done.
   *
   * @param a an item
   * @param b another one
   * @return true if a is preferred; of two that are equal the one that was given earlier
   */
  public boolean beats(int a, int b) {
    compare(List.of(new ItemPair(a, b)));
    return answers.beats(a, b);
  }

  /**
   * Compares several pairs at once, each in both positions or in one, unless that was done.
   *
   * @param pairs the pairs; which item of one comes first makes no difference
   */
  public void compare(List<ItemPair> pairs) {
    Set<ItemPair> questions = new LinkedHashSet<>();
    boolean reached = false;
    for (ItemPair pair : pairs) {
      List<ItemPair> missing = new ArrayList<>(missing(pair));
      missing.removeAll(questions); // a pair may come twice, and turned
      if (missing.size() > left() - questions.size()) {
        reached = true; // the half of a comparison is worth no question
        break;
      }
      questions.addAll(missing);
    }
    askAll(List.copyOf(questions));
    if (reached) {
      throw new BudgetReachedException();
    }
  }

  /** What a comparison has still to ask. */
  private List<ItemPair> missing(ItemPair pair) {
    if (bothPositions) {
      return unknown(List.of(pair, pair.swapped()), 2);
    }
    return answers.compared(pair.first(), pair.second()) ? List.of() : List.of(balanced(pair));
  }

  /** In one position, each item is shown first in about half of its comparisons. */
  private static ItemPair balanced(ItemPair pair) {
    boolean lowerFirst = (pair.first() + pair.second()) % 2 == 1;
    return (pair.first() < pair.second()) == lowerFirst ? pair : pair.swapped();
  }

  /**
   * Asks single questions, for strategies that arrange the positions themselves.
   *
   * @param questions the questions; the first ones of them if the budget does not reach for all
   */
  public void ask(List<ItemPair> questions) {
    long oneTooMany = Math.min(left(), questions.size()) + 1;
    List<ItemPair> unknown = unknown(questions, oneTooMany);
    boolean reached = unknown.size() > left();
    askAll(reached ? unknown.subList(0, (int) left()) : unknown);
    if (reached) {
      throw new BudgetReachedException();
    }
  }

  private List<ItemPair> unknown(List<ItemPair> questions, long most) {
    return questions.stream()
        .filter(pair -> Double.isNaN(answers.shown(pair.first(), pair.second())))
        .distinct()
        .limit(most)
        .toList();
  }

  /**
   * Tells what is left of the budget.
   *
   * @return how many questions may still be asked
   */
  public long left() {
    return budget - answers.asked();
  }

  private void askAll(List<ItemPair> questions) {
    if (questions.isEmpty()) {
      return;
    }
    double[] given = judge.judge(questions);
    if (given.length != questions.size()) {
      throw new RankingException(
          questions.size() + " questions got " + given.length + " answers; each one needs its own");
    }
    for (int i = 0; i < given.length; i++) {
      answers.put(questions.get(i), given[i]);
      listener.accept(questions.get(i));
    }
  }
}
