package io.github.lorascope.prompt;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * Passages cut to their first tokens, the latest few: a ranking asks about each passage many times,
 * and a long one takes longer to divide into tokens than its first ones to be read. Thread-safe.
 */
final class PassageCuts {
  /** At most twice as many bytes are held. */
  private static final int MOST_CHARACTERS = 4_000_000;

  private final UnaryOperator<String> cut;
  private final Map<String, String> kept = new LinkedHashMap<>(16, 0.75f, true);
  private long characters;

  PassageCuts(UnaryOperator<String> cut) {
    this.cut = cut;
  }

  String of(String passage) {
    synchronized (kept) {
      String known = kept.get(passage);
      if (known != null) {
        return known;
      }
    }
    String made = cut.apply(passage); // by other threads too, meanwhile
    synchronized (kept) {
      if (kept.put(passage, made) == null) {
        characters += size(passage, made);
      }
      for (Iterator<Map.Entry<String, String>> oldest = kept.entrySet().iterator();
          characters > MOST_CHARACTERS; ) {
        Map.Entry<String, String> dropped = oldest.next();
        characters -= size(dropped.getKey(), dropped.getValue());
        oldest.remove();
      }
    }
    return made;
  }

  private static long size(String passage, String made) {
    return (long) passage.length() + made.length();
  }

  /** How many characters are held. */
  long characters() {
    synchronized (kept) {
      return characters;
    }
  }
}
