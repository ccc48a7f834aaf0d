package io.github.lorascope.examples;

import io.github.lorascope.data.PairExample;
import io.github.lorascope.data.Triples;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Pairs that are not trained on, to evaluate on or to look at: the same file and number give the
 * same ones.
 *
 * @param triples what they are made of
 */
record HeldOut(Triples triples) {
  private static final int SEED = 1;

  /** Draws some of a file's triples; null stands for the bundled file. */
  static HeldOut draw(Path file, int pairs) {
    return new HeldOut(Triples.sample(file == null ? Bundled.devTriples() : file, pairs, SEED));
  }

  List<PairExample> pairs() {
    return triples.evaluationPairs();
  }

  /** What numbers come from that were found on these pairs. */
  Map<String, String> in(Map<String, String> provenance) {
    Map<String, String> values = new TreeMap<>(provenance);
    values.put("pairs", triples.name());
    values.put("pairs_n", Integer.toString(triples.size()));
    values.put("pairs_sha256", triples.sha256());
    return values;
  }
}
