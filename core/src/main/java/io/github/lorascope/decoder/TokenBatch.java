package io.github.lorascope.decoder;

import java.util.ArrayList;
import java.util.List;

/**
 * Sequences of tokens packed one after the other, without padding.
 *
 * @param ids the tokens of all sequences
 * @param offsets where each sequence starts in ids, and the number of tokens last
 * @param continued whether all sequences but the first continue the first: its tokens come before
 *     theirs and are computed once
 */
public record TokenBatch(int[] ids, int[] offsets, boolean continued) {
  /** Checks that there is a sequence and that none is empty. */
  public TokenBatch {
    if (offsets.length < 2) {
      throw new IllegalArgumentException("a batch of no sequence: give one or more");
    }
    if (offsets[0] != 0 || offsets[offsets.length - 1] != ids.length) {
      throw new IllegalArgumentException("the offsets do not cover the " + ids.length + " tokens");
    }
    for (int s = 1; s < offsets.length; s++) {
      if (offsets[s] <= offsets[s - 1]) {
        throw new IllegalArgumentException("sequence " + (s - 1) + " has no token");
      }
    }
  }

  /**
   * Packs sequences.
   *
   * @param sequences the tokens of each, none empty
   * @return the batch
   */
  public static TokenBatch of(List<int[]> sequences) {
    return packed(sequences, false);
  }

  /**
   * Packs sequences that begin alike, with what they share only once. The logits of sequence 0 are
   * those behind the prefix alone.
   *
   * @param prefix the tokens that all begin with, not none
   * @param continuations what each has behind it, none empty
   * @return the batch: sequence 0 is the prefix, sequence i the continuation i - 1
   */
  public static TokenBatch continuing(int[] prefix, List<int[]> continuations) {
    List<int[]> sequences = new ArrayList<>();
    sequences.add(prefix);
    sequences.addAll(continuations);
    return packed(sequences, true);
  }

  private static TokenBatch packed(List<int[]> sequences, boolean continued) {
    int[] offsets = new int[sequences.size() + 1];
    for (int s = 0; s < sequences.size(); s++) {
      offsets[s + 1] = Math.addExact(offsets[s], sequences.get(s).length);
    }
    int[] ids = new int[offsets[sequences.size()]];
    for (int s = 0; s < sequences.size(); s++) {
      System.arraycopy(sequences.get(s), 0, ids, offsets[s], sequences.get(s).length);
    }
    return new TokenBatch(ids, offsets, continued);
  }

  /**
   * Returns the number of sequences.
   *
   * @return the count
   */
  public int sequences() {
    return offsets.length - 1;
  }

  /**
   * Returns the number of tokens.
   *
   * @return the count
   */
  public int tokens() {
    return ids.length;
  }

  /**
   * Returns the number of tokens of the longest sequence, with those that it continues.
   *
   * @return the count
   */
  public int longest() {
    int longest = 0;
    for (int s = 0; s < sequences(); s++) {
      longest = Math.max(longest, length(s));
    }
    return longest;
  }

  /** How many tokens stand before a sequence's own. */
  private int before(int sequence) {
    return continued && sequence > 0 ? offsets[1] : 0;
  }

  /** A sequence's tokens, with those that it continues. */
  private int length(int sequence) {
    return before(sequence) + offsets[sequence + 1] - offsets[sequence];
  }

  int[] positions() {
    int[] positions = new int[tokens()];
    for (int s = 0; s < sequences(); s++) {
      for (int t = offsets[s]; t < offsets[s + 1]; t++) {
        positions[t] = before(s) + t - offsets[s];
      }
    }
    return positions;
  }

  /** Where each sequence's last token stands. */
  int[] lastTokens() {
    int[] last = new int[sequences()];
    for (int s = 0; s < last.length; s++) {
      last[s] = offsets[s + 1] - 1;
    }
    return last;
  }

  int[] lastPositions() {
    int[] last = new int[sequences()];
    for (int s = 0; s < last.length; s++) {
      last[s] = length(s) - 1;
    }
    return last;
  }

  /** Where each sequence's keys start among those of all, in the order of {@link #keyTokens}. */
  int[] keyOffsets() {
    int[] keys = new int[offsets.length];
    for (int s = 0; s < sequences(); s++) {
      keys[s + 1] = Math.addExact(keys[s], length(s));
    }
    return keys;
  }

  /** The tokens that each sequence attends to, those that it continues first. */
  int[] keyTokens() {
    int[] tokens = new int[keyOffsets()[sequences()]];
    int next = 0;
    for (int s = 0; s < sequences(); s++) {
      for (int t = 0; t < before(s); t++) {
        tokens[next++] = t;
      }
      for (int t = offsets[s]; t < offsets[s + 1]; t++) {
        tokens[next++] = t;
      }
    }
    return tokens;
  }
}
