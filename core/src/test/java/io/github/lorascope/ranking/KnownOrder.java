package io.github.lorascope.ranking;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;

/** Answers by levels that are known: certain and without contradictions; equal levels tie. */
final class KnownOrder implements PairJudge {
  private final int[] levels;
  final List<ItemPair> asked = new ArrayList<>();
  int calls;

  KnownOrder(int... levels) {
    this.levels = levels;
  }

  static KnownOrder shuffled(int items, Random random) {
    List<Integer> levels = new ArrayList<>(IntStream.range(0, items).boxed().toList());
    Collections.shuffle(levels, random);
    return new KnownOrder(levels.stream().mapToInt(Integer::intValue).toArray());
  }

  int items() {
    return levels.length;
  }

  List<Integer> order() {
    return IntStream.range(0, levels.length)
        .boxed()
        .sorted((a, b) -> Integer.compare(levels[b], levels[a]))
        .toList();
  }

  @Override
  public double[] judge(List<ItemPair> questions) {
    asked.addAll(questions);
    calls++;
    return questions.stream()
        .mapToDouble(q -> 0.5 + 0.5 * Integer.compare(levels[q.first()], levels[q.second()]))
        .toArray();
  }

  /** How many pairs were compared, in whatever positions. */
  int comparisons() {
    Set<Set<Integer>> pairs = new HashSet<>();
    asked.forEach(q -> pairs.add(Set.of(q.first(), q.second())));
    return pairs.size();
  }
}
