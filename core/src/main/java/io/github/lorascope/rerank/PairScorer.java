package io.github.lorascope.rerank;

import io.github.lorascope.ranking.Ranker;
import io.github.lorascope.ranking.Ranking;
import io.github.lorascope.ranking.RankingStrategy;
import java.util.List;
import java.util.Objects;

/**
 * Answers which of two passages is more relevant to a query: what rankings are made of. {@link
 * Reranker} answers with a decoder; a ranking does not know what answers it.
 */
public interface PairScorer {
  /**
   * Answers many questions. Questions that follow each other with the same query and the same first
   * passage may be cheaper than others.
   *
   * @param pairs the questions
   * @return the answers, in their order
   * @throws io.github.lorascope.prompt.PromptException if a query leaves no room for its passages
   * @throws ScoreException if a logit is NaN or infinite
   */
  List<PairScore> score(List<PassagePair> pairs);

  /**
   * Answers one question.
   *
   * @param query the query
   * @param a the passage shown first
   * @param b the passage shown second
   * @return P(A): the probability that a is the more relevant one, from 0 to 1
   * @throws io.github.lorascope.prompt.PromptException if the query leaves no room for the passages
   * @throws ScoreException if a logit is NaN or infinite
   */
  default double prefer(String query, String a, String b) {
    return score(List.of(new PassagePair(query, a, b))).get(0).probabilityA();
  }

  /**
   * Orders passages by asking about every two of them in both positions: n (n - 1) questions.
   *
   * @param query the query
   * @param passages the passages
   * @return all the passages, the most relevant first; of equal ones the earlier first
   * @throws io.github.lorascope.prompt.PromptException if the query leaves no room for the passages
   * @throws ScoreException if a logit is NaN or infinite
   */
  default List<RankedPassage> rank(String query, List<String> passages) {
    Ranking ranking = rank(query, passages, Ranker.of(RankingStrategy.allPairs()));
    return RankedPassage.listOf(ranking, passages);
  }

  /**
   * Orders passages in a chosen way, which may take fewer questions or stop at a budget. Passages
   * of the same text have the same answers to the same questions, and none is preferred to another.
   *
   * @param query the query
   * @param passages the passages
   * @param ranker which pairs are asked about, how many, and what makes the order of the answers
   * @return the order, of passages by their index in the list, with what can be said of it
   * @throws io.github.lorascope.prompt.PromptException if the query leaves no room for the passages
   * @throws ScoreException if a logit is NaN or infinite
   */
  default Ranking rank(String query, List<String> passages, Ranker ranker) {
    return ranker.rank(passages.size(), new PassageJudge(this, query, passages));
  }

  /**
   * Returns the same that orders passages with fewer questions, for whoever takes a scorer and
   * ranks with it: {@link #rank(String, List)} asks as a ranker does, and gives its scores.
   *
   * @param ranker which pairs are asked about, how many, and what makes the order of the answers
   * @return the scorer
   */
  default PairScorer rankingBy(Ranker ranker) {
    Objects.requireNonNull(ranker, "ranker");
    PairScorer asked = this;
    return new PairScorer() {
      @Override
      public List<PairScore> score(List<PassagePair> pairs) {
        return asked.score(pairs);
      }

      @Override
      public List<RankedPassage> rank(String query, List<String> passages) {
        return RankedPassage.listOf(asked.rank(query, passages, ranker), passages);
      }

      @Override
      public Ranking rank(String query, List<String> passages, Ranker other) {
        return asked.rank(query, passages, other);
      }
    };
  }
}
