package io.github.lorascope.probe;

import io.github.lorascope.data.PairExample;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Which pairs share a query or a passage, directly or by way of other pairs. */
final class PassageGroups {
  private final int[] next;

  private PassageGroups(int pairs) {
    next = new int[pairs];
    for (int i = 0; i < pairs; i++) {
      next[i] = i;
    }
  }

  /** A number a pair, that of the first pair which it is connected with. */
  static int[] of(List<PairExample> pairs) {
    PassageGroups groups = new PassageGroups(pairs.size());
    Map<String, Integer> queries = new HashMap<>();
    Map<String, Integer> passages = new HashMap<>();
    for (int i = 0; i < pairs.size(); i++) {
      PairExample pair = pairs.get(i);
      groups.join(i, queries, pair.query());
      groups.join(i, passages, pair.a());
      groups.join(i, passages, pair.b());
    }
    int[] first = new int[pairs.size()];
    for (int i = 0; i < first.length; i++) {
      first[i] = groups.root(i);
    }
    return first;
  }

  private void join(int pair, Map<String, Integer> seen, String text) {
    Integer other = seen.putIfAbsent(text, pair);
    if (other != null) {
      int one = root(pair);
      int two = root(other);
      next[Math.max(one, two)] = Math.min(one, two);
    }
  }

  private int root(int pair) {
    int at = pair;
    while (next[at] != at) {
      next[at] = next[next[at]];
      at = next[at];
    }
    return at;
  }
}
