package io.github.lorascope.data;

import java.util.HashSet;
import java.util.Set;

/**
 * What triples to evaluate on share with those that are trained on. An accuracy over them says less
 * of others the more it is.
 *
 * @param queries how many of them have a query that is trained on
 * @param pairs how many have a query that is trained on with the same relevant passage
 * @param passages how many have a passage that is trained on, relevant there or not
 */
public record TriplesOverlap(int queries, int pairs, int passages) {
  private record Pair(String query, String positive) {
    static Pair of(Triple triple) {
      return new Pair(triple.query(), triple.positive());
    }
  }

  /**
   * Counts.
   *
   * @param training what is trained on
   * @param evaluation what is evaluated on
   * @return how many of the latter share something
   */
  public static TriplesOverlap of(Triples training, Triples evaluation) {
    Set<String> queries = new HashSet<>();
    Set<Pair> pairs = new HashSet<>();
    Set<String> passages = new HashSet<>();
    for (Triple triple : training.list()) {
      queries.add(triple.query());
      pairs.add(Pair.of(triple));
      passages.add(triple.positive());
      passages.add(triple.negative());
    }
    int sameQuery = 0;
    int samePair = 0;
    int samePassage = 0;
    for (Triple triple : evaluation.list()) {
      sameQuery += queries.contains(triple.query()) ? 1 : 0;
      samePair += pairs.contains(Pair.of(triple)) ? 1 : 0;
      boolean known = passages.contains(triple.positive()) || passages.contains(triple.negative());
      samePassage += known ? 1 : 0;
    }
    return new TriplesOverlap(sameQuery, samePair, samePassage);
  }
}
