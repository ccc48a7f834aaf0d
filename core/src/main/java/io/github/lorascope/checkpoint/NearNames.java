package io.github.lorascope.checkpoint;

import java.util.Collection;
import java.util.Comparator;
import java.util.stream.Collectors;

/** Suggests what a missing tensor may be called instead. */
final class NearNames {
  private static final int SHOWN = 3;

  private NearNames() {}

  /** Ends a message: the names that share most of their beginning and end with the wanted one. */
  static String hint(String wanted, Collection<String> names) {
    if (names.isEmpty()) {
      return "; it holds no tensors at all";
    }
    return names.stream()
        .sorted(
            Comparator.comparingInt((String name) -> -shared(wanted, name))
                .thenComparing(Comparator.naturalOrder()))
        .limit(SHOWN)
        .collect(Collectors.joining(", ", "; nearest are ", ""));
  }

  private static int shared(String a, String b) {
    int shorter = Math.min(a.length(), b.length());
    int head = 0;
    while (head < shorter && a.charAt(head) == b.charAt(head)) {
      head++;
    }
    int tail = 0;
    while (tail < shorter - head
        && a.charAt(a.length() - 1 - tail) == b.charAt(b.length() - 1 - tail)) {
      tail++;
    }
    return head + tail;
  }
}
