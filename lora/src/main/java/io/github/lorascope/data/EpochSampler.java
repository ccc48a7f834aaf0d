package io.github.lorascope.data;

/**
 * The endless order in which training sees its triples. Each epoch is a shuffle of all of them; of
 * each two examples 2k and 2k + 1, one has the relevant passage as A and the other as B. An example
 * depends on the triples, the seed and its index alone, so a run resumes from its index. Safe for
 * use by many threads.
 */
public final class EpochSampler {
  /** Keeps the choice of places apart from the shuffles. */
  private static final long PLACES = 0x5DEECE66DL;

  private final Triples triples;
  private final long seed;
  private int[] shuffle;
  private long shuffledEpoch = -1;

  /**
   * Creates the order.
   *
   * @param triples what is shown once an epoch
   * @param seed chooses the shuffles and the places
   */
  public EpochSampler(Triples triples, long seed) {
    this.triples = triples;
    this.seed = seed;
  }

  /**
   * Returns what is shown.
   *
   * @return the triples
   */
  public Triples triples() {
    return triples;
  }

  /**
   * Returns what chooses the order.
   *
   * @return the seed
   */
  public long seed() {
    return seed;
  }

  /**
   * Tells which epoch an example belongs to.
   *
   * @param index the example's index since the start of training, from 0
   * @return the epoch, from 0
   */
  public long epoch(long index) {
    return Math.floorDiv(requireIndex(index), (long) triples.size());
  }

  /**
   * Gives an example.
   *
   * @param index its index since the start of training, from 0
   * @return the example
   */
  public PairExample example(long index) {
    long epoch = epoch(index);
    int triple = shuffle(epoch)[(int) (index - epoch * triples.size())];
    long first = SeededRandom.at(seed ^ PLACES, index / 2) & 1;
    return triples.list().get(triple).asPair((int) (first ^ (index & 1)));
  }

  private static long requireIndex(long index) {
    if (index < 0) {
      throw new IllegalArgumentException("example " + index + ": indices start at 0");
    }
    return index;
  }

  /** Shuffles an epoch (Fisher and Yates), unless it is the one that was asked for last. */
  private synchronized int[] shuffle(long epoch) {
    if (epoch != shuffledEpoch) {
      SeededRandom random = new SeededRandom(SeededRandom.at(seed, epoch));
      int[] order = new int[triples.size()];
      for (int i = 0; i < order.length; i++) {
        int other = (int) random.below(i + 1L);
        order[i] = order[other];
        order[other] = i;
      }
      shuffle = order;
      shuffledEpoch = epoch;
    }
    return shuffle;
  }
}
