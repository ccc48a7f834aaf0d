package io.github.lorascope.integration.springai;

import io.github.lorascope.rerank.PairScorer;
import io.github.lorascope.rerank.RankedPassage;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.springframework.ai.document.Document;
import org.springframework.ai.rag.Query;
import org.springframework.ai.rag.postretrieval.document.DocumentPostProcessor;

/**
 * Reorders retrieved documents by asking about pairs of them, as {@code
 * RetrievalAugmentationAdvisor} wants it. Immutable, and thread-safe if what answers the pairs is,
 * as {@link io.github.lorascope.rerank.Reranker} is.
 *
 * <p>A document's new score, 0 to 1, is the mean probability of being preferred to the others; its
 * id, text, metadata and formatter stay. Documents without text, such as pictures, follow in the
 * order they had, without a score. Since n documents take n (n - 1) questions, let the retriever
 * return some twenty.
 *
 * <pre>{@code
 * import org.springframework.ai.rag.advisor.RetrievalAugmentationAdvisor;
 *
 * RetrievalAugmentationAdvisor advisor =
 *     RetrievalAugmentationAdvisor.builder()
 *         .documentRetriever(documents)
 *         .documentPostProcessors(new PairwisePostProcessor(reranker))
 *         .build();
 * }</pre>
 */
public final class PairwisePostProcessor implements DocumentPostProcessor {
  private final PairScorer scorer;

  /**
   * Creates a post-processor.
   *
   * @param scorer what ranks the documents' texts
   */
  public PairwisePostProcessor(PairScorer scorer) {
    this.scorer = Objects.requireNonNull(scorer, "scorer");
  }

  /**
   * Reorders documents.
   *
   * @param query the query; its text alone is used
   * @param documents the documents, possibly none; they are not changed
   * @return copies of them, the most relevant first, and those without text last
   * @throws io.github.lorascope.prompt.PromptException if the query leaves no room for the
   *     documents
   * @throws io.github.lorascope.rerank.ScoreException if a logit is NaN or infinite
   */
  @Override
  public List<Document> process(Query query, List<Document> documents) {
    List<Document> readable = documents.stream().filter(PairwisePostProcessor::hasText).toList();
    List<Document> ordered = new ArrayList<>(documents.size());
    if (!readable.isEmpty()) {
      List<String> passages = readable.stream().map(Document::getText).toList();
      for (RankedPassage passage :
          RankedPassage.requireAll(scorer.rank(query.text(), passages), passages.size())) {
        ordered.add(scored(readable.get(passage.index()), passage.score()));
      }
    }
    documents.stream().filter(d -> !hasText(d)).forEach(d -> ordered.add(scored(d, null)));
    return ordered;
  }

  private static boolean hasText(Document document) {
    return document.getText() != null && !document.getText().isBlank();
  }

  private static Document scored(Document document, Double score) {
    Document copy = document.mutate().score(score).build();
    copy.setContentFormatter(document.getContentFormatter());
    return copy;
  }
}
