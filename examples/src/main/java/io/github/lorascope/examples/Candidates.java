package io.github.lorascope.examples;

import io.github.lorascope.data.Triple;
import io.github.lorascope.data.Triples;
import io.github.lorascope.io.AtomicFiles;
import io.github.lorascope.trec.IdentifiedText;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A query with passages to order.
 *
 * @param query the query
 * @param passages the first ones by BM25, the best first
 * @param relevant those of all passages that answer the query, whether they are among these or not
 */
record Candidates(String query, List<String> passages, Set<String> relevant) {

  /**
   * Searches the passages of triples for their queries.
   *
   * @param queries whose queries and relevant passages are taken
   * @param others more triples whose passages are searched too
   * @param count how many passages a query gets
   * @param most how many queries at most; 0: all
   * @return those queries, in the order of the triples, that have so many passages with a relevant
   *     one among them
   */
  static List<Candidates> search(Triples queries, List<Triples> others, int count, int most) {
    Map<String, Set<String>> relevant = new LinkedHashMap<>();
    Set<String> distinct = new LinkedHashSet<>();
    for (Triple triple : queries.list()) {
      relevant.computeIfAbsent(triple.query(), q -> new LinkedHashSet<>()).add(triple.positive());
      add(triple, distinct);
    }
    others.forEach(triples -> triples.list().forEach(triple -> add(triple, distinct)));
    List<String> passages = new ArrayList<>(distinct);
    List<Candidates> found = new ArrayList<>();
    try (TemporaryFolder folder = TemporaryFolder.of("lorascope-candidates");
        Bm25Index index =
            Bm25Index.open(
                folder.path().resolve("index"), collection(folder.path(), passages), share -> {})) {
      index.parameters(0.9f, 0.4f);
      for (Map.Entry<String, Set<String>> of : relevant.entrySet()) {
        List<String> first =
            index.search(new IdentifiedText("q", of.getKey()), count).documents().stream()
                .map(document -> passages.get(Integer.parseInt(document.id())))
                .toList();
        if (first.size() == count
            && first.stream().anyMatch(of.getValue()::contains)
            && (most == 0 || found.size() < most)) {
          found.add(new Candidates(of.getKey(), first, of.getValue()));
        }
      }
    }
    return found;
  }

  private static void add(Triple triple, Set<String> passages) {
    passages.add(triple.positive());
    passages.add(triple.negative());
  }

  private static Path collection(Path folder, List<String> passages) {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < passages.size(); i++) {
      lines.append(i).append('\t').append(passages.get(i)).append('\n');
    }
    Path file = folder.resolve("collection.tsv");
    AtomicFiles.writeString(file, lines.toString());
    return file;
  }
}
