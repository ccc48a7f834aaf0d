package io.github.lorascope.examples;

import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.integration.springai.PairwisePostProcessor;
import io.github.lorascope.lora.LoraAdapter;
import io.github.lorascope.rerank.Reranker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.Callable;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.client.ChatClientResponse;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.model.Generation;
import org.springframework.ai.document.Document;
import org.springframework.ai.rag.Query;
import org.springframework.ai.rag.advisor.RetrievalAugmentationAdvisor;
import org.springframework.ai.rag.retrieval.search.DocumentRetriever;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Reranks what an advisor of Spring AI retrieves, as its DocumentPostProcessor. */
@Command(
    name = "RerankSpringAi",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Retrieves bundled passages for a question in Spring AI's retrieval augmentation advisor,"
            + " reranks them as its DocumentPostProcessor, and shows what a chat model would read:"
            + " the one that is asked here repeats its prompt.")
public final class RerankSpringAi implements Callable<Integer> {
  private static final int PROMPT = 300;

  /** In place of a language model, which this example does without. */
  private static final ChatModel REPEATING =
      prompt -> {
        AssistantMessage answer = new AssistantMessage(prompt.getContents());
        return new ChatResponse(List.of(new Generation(answer)));
      };

  @Mixin private SearchOptions search;

  /** For picocli. */
  public RerankSpringAi() {}

  /**
   * Runs the program.
   *
   * @param arguments see {@code --help}
   */
  public static void main(String[] arguments) {
    Main.run(new RerankSpringAi(), arguments);
  }

  @Override
  public Integer call() throws IOException {
    int hits = search.hits();
    try (PassageIndex index = PassageIndex.of(search.passages());
        Decoder decoder = search.decoder();
        LoraAdapter adapter = search.adapter(decoder);
        Reranker reranker = search.reranker(decoder, adapter)) {
      DocumentRetriever retriever = query -> retrieve(index, query, hits);
      RetrievalAugmentationAdvisor advisor =
          RetrievalAugmentationAdvisor.builder()
              .documentRetriever(retriever)
              .documentPostProcessors(new PairwisePostProcessor(reranker))
              .build();
      ChatClient client = ChatClient.builder(REPEATING).defaultAdvisors(advisor).build();
      ChatClientResponse response = client.prompt(search.query()).call().chatClientResponse();
      List<?> documents =
          (List<?>) response.context().get(RetrievalAugmentationAdvisor.DOCUMENT_CONTEXT);
      search.print(
          "Spring AI's DocumentPostProcessor",
          index.search(search.query(), hits),
          documents.stream().map(document -> hit((Document) document)).toList());
      System.out.println("a chat model would read:");
      System.out.println(
          Excerpt.of(response.chatResponse().getResult().getOutput().getText(), PROMPT));
      return 0;
    }
  }

  private static List<Document> retrieve(PassageIndex index, Query query, int hits) {
    try {
      return index.search(query.text(), hits).stream()
          .map(hit -> Document.builder().text(hit.passage()).score(hit.score()).build())
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Hit hit(Document document) {
    return new Hit(document.getText(), document.getScore());
  }
}
