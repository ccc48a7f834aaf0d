package io.github.lorascope.decoder;

import java.util.List;

/**
 * Sequences of tokens packed one after the other, without padding.
 *
 * @param ids the tokens of all sequences
 * @param offsets where each sequence starts in ids, and the number of tokens last
 */
public record TokenBatch(int[] ids, int[] offsets) {
  /** Checks that there is a sequence and that none is empty. */
  public TokenBatch {
    if (offsets.length < 2 || offsets[0] != 0 || offsets[offsets.length - 1] != ids.length) {
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
    int[] offsets = new int[sequences.size() + 1];
    for (int s = 0; s < sequences.size(); s++) {
      offsets[s + 1] = Math.addExact(offsets[s], sequences.get(s).length);
    }
    int[] ids = new int[offsets[sequences.size()]];
    for (int s = 0; s < sequences.size(); s++) {
      System.arraycopy(sequences.get(s), 0, ids, offsets[s], sequences.get(s).length);
    }
    return new TokenBatch(ids, offsets);
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
   * Returns the number of tokens of the longest sequence.
   *
   * @return the count
   */
  public int longest() {
    int longest = 0;
    for (int s = 0; s < sequences(); s++) {
      longest = Math.max(longest, offsets[s + 1] - offsets[s]);
    }
    return longest;
  }

  int[] positions() {
    int[] positions = new int[tokens()];
    for (int s = 0; s < sequences(); s++) {
      for (int t = offsets[s]; t < offsets[s + 1]; t++) {
        positions[t] = t - offsets[s];
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
      last[s] = offsets[s + 1] - offsets[s] - 1;
    }
    return last;
  }
}
