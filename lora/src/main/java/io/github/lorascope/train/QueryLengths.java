package io.github.lorascope.train;

import io.github.lorascope.data.Triple;
import io.github.lorascope.data.Triples;
import io.github.lorascope.prompt.PromptException;
import io.github.lorascope.rerank.PassagePair;
import io.github.lorascope.rerank.Reranker;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;

/** Finds a query that is too long for the limits before the first step rather than at its own. */
final class QueryLengths {
  /** More than a tokenizer adds to a text by itself. */
  private static final int ADDED_TOKENS = 8;

  private static final int SHOWN = 60;

  private QueryLengths() {}

  /**
   * Checks all queries. A token is at least a byte, so most need no tokenizer.
   *
   * @throws PromptException if one leaves no room for its passages
   */
  static void check(Triples triples, Reranker reranker) {
    int room = reranker.limits().maxTokens() - ADDED_TOKENS;
    Set<String> longQueries = new HashSet<>();
    for (Triple triple : triples.list()) {
      String prompt = reranker.prompt().render(triple.query(), "", "").text();
      if (prompt.getBytes(StandardCharsets.UTF_8).length > room
          && longQueries.add(triple.query())) {
        try {
          reranker.encode(new PassagePair(triple.query(), triple.positive(), triple.negative()));
        } catch (PromptException e) {
          String start = triple.query().substring(0, Math.min(SHOWN, triple.query().length()));
          throw new PromptException(
              triples.source() + ": a query (" + start + "...): " + e.getMessage(), e);
        }
      }
    }
  }
}
