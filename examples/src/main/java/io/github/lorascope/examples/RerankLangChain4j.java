package io.github.lorascope.examples;

import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.rag.AugmentationRequest;
import dev.langchain4j.rag.AugmentationResult;
import dev.langchain4j.rag.DefaultRetrievalAugmentor;
import dev.langchain4j.rag.RetrievalAugmentor;
import dev.langchain4j.rag.content.Content;
import dev.langchain4j.rag.content.ContentMetadata;
import dev.langchain4j.rag.content.aggregator.ContentAggregator;
import dev.langchain4j.rag.content.aggregator.ReRankingContentAggregator;
import dev.langchain4j.rag.content.retriever.ContentRetriever;
import dev.langchain4j.rag.query.Metadata;
import dev.langchain4j.rag.query.Query;
import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.integration.langchain4j.PairwiseScoringModel;
import io.github.lorascope.lora.LoraAdapter;
import io.github.lorascope.rerank.Reranker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Reranks what a retrieval augmentor of LangChain4j retrieves, as its ScoringModel. */
@Command(
    name = "RerankLangChain4j",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Retrieves bundled passages for a question in LangChain4j's retrieval augmentor, reranks"
            + " them as its ScoringModel, and shows what a chat model would read. It asks none.")
public final class RerankLangChain4j implements Callable<Integer> {
  private static final int PROMPT = 300;

  @Mixin private SearchOptions search;

  /** For picocli. */
  public RerankLangChain4j() {}

  /**
   * Runs the program.
   *
   * @param arguments see {@code --help}
   */
  public static void main(String[] arguments) {
    Main.run(new RerankLangChain4j(), arguments);
  }

  @Override
  public Integer call() throws IOException {
    int hits = search.hits();
    try (PassageIndex index = PassageIndex.of(search.passages());
        Decoder decoder = search.decoder();
        LoraAdapter adapter = search.adapter(decoder);
        Reranker reranker = search.reranker(decoder, adapter)) {
      ContentRetriever retriever = query -> retrieve(index, query, hits);
      ContentAggregator best =
          ReRankingContentAggregator.builder()
              .scoringModel(new PairwiseScoringModel(reranker))
              .maxResults(hits)
              .build();
      RetrievalAugmentor augmentor =
          DefaultRetrievalAugmentor.builder()
              .contentRetriever(retriever)
              .contentAggregator(best)
              .build();
      UserMessage question = UserMessage.from(search.query());
      Metadata conversation = Metadata.from(question, "conversation", List.of());
      AugmentationResult result =
          augmentor.augment(new AugmentationRequest(question, conversation));
      search.print(
          "LangChain4j's ScoringModel",
          index.search(search.query(), hits),
          result.contents().stream().map(RerankLangChain4j::hit).toList());
      System.out.println("a chat model would read:");
      System.out.println(Excerpt.of(((UserMessage) result.chatMessage()).singleText(), PROMPT));
      return 0;
    }
  }

  private static List<Content> retrieve(PassageIndex index, Query query, int hits) {
    try {
      return index.search(query.text(), hits).stream()
          .map(hit -> Content.from(hit.passage()))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Hit hit(Content content) {
    double score = (double) content.metadata().get(ContentMetadata.RERANKED_SCORE);
    return new Hit(content.textSegment().text(), score);
  }
}
