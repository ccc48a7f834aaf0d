package io.github.lorascope.backend;

/**
 * Which tokens attend to which in causal attention over packed sequences. Sequence s has the
 * queries from {@code queryOffsets[s]} to below {@code queryOffsets[s + 1]} and the keys likewise;
 * its last query stands at its last key, so that query i of n sees the keys up to {@code keys - n +
 * i}. Query head h reads key and value head {@code h / (heads / keyValueHeads)}.
 *
 * @param heads number of query heads
 * @param keyValueHeads number of key and value heads, a divisor of heads
 * @param headDim numbers in a head
 * @param window how many keys back a query sees, itself included; 0: all
 * @param queryOffsets the sequences' first queries, and the number of queries last
 * @param keyOffsets the sequences' first keys, and the number of keys last
 */
public record AttentionShape(
    int heads, int keyValueHeads, int headDim, int window, int[] queryOffsets, int[] keyOffsets) {
  /** Checks that heads divide and that every sequence has at least as many keys as queries. */
  public AttentionShape {
    if (heads <= 0
        || keyValueHeads <= 0
        || heads % keyValueHeads != 0
        || headDim <= 0
        || window < 0) {
      throw new IllegalArgumentException(
          heads + " heads over " + keyValueHeads + " of " + headDim + ", window " + window);
    }
    if (queryOffsets.length != keyOffsets.length || queryOffsets.length == 0) {
      throw new IllegalArgumentException("query and key offsets of different lengths, or of none");
    }
    if (queryOffsets[0] != 0 || keyOffsets[0] != 0) {
      throw new IllegalArgumentException("the first sequence does not begin at 0");
    }
    for (int s = 0; s + 1 < queryOffsets.length; s++) {
      int queries = queryOffsets[s + 1] - queryOffsets[s];
      int keys = keyOffsets[s + 1] - keyOffsets[s];
      if (queries < 0 || keys < queries) {
        throw new IllegalArgumentException(
            "sequence " + s + " has " + queries + " queries and " + keys + " keys");
      }
    }
  }

  /**
   * Returns the number of sequences.
   *
   * @return the count
   */
  public int sequences() {
    return queryOffsets.length - 1;
  }

  /**
   * Returns how many queries a sequence has.
   *
   * @param sequence the sequence
   * @return the count
   */
  public int queries(int sequence) {
    return queryOffsets[sequence + 1] - queryOffsets[sequence];
  }

  /**
   * Returns how many keys a sequence has.
   *
   * @param sequence the sequence
   * @return the count
   */
  public int keys(int sequence) {
    return keyOffsets[sequence + 1] - keyOffsets[sequence];
  }

  /**
   * Returns the first key that a query sees, counted from the sequence's first key.
   *
   * @param sequence the sequence
   * @param query the query, counted from the sequence's first query
   * @return the key
   */
  public int firstKey(int sequence, int query) {
    return window == 0 ? 0 : Math.max(0, lastKey(sequence, query) - window + 1);
  }

  /**
   * Returns the last key that a query sees, counted from the sequence's first key.
   *
   * @param sequence the sequence
   * @param query the query, counted from the sequence's first query
   * @return the key
   */
  public int lastKey(int sequence, int query) {
    return keys(sequence) - queries(sequence) + query;
  }

  /**
   * Returns what a dot product of a query and a key is multiplied with.
   *
   * @return 1 / sqrt(headDim)
   */
  public double scale() {
    return 1 / Math.sqrt(headDim);
  }
}
