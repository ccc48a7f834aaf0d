package io.github.lorascope.integration.springai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.rerank.PairScore;
import io.github.lorascope.rerank.PassagePair;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.client.ChatClientResponse;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.model.Generation;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.content.Media;
import org.springframework.ai.document.ContentFormatter;
import org.springframework.ai.document.DefaultContentFormatter;
import org.springframework.ai.document.Document;
import org.springframework.ai.rag.Query;
import org.springframework.ai.rag.advisor.RetrievalAugmentationAdvisor;

class PairwisePostProcessorTest {
  private final List<PassagePair> asked = new ArrayList<>();
  private final PairwisePostProcessor processor = new PairwisePostProcessor(this::longer);

  /** Prefers the passage with more letters, surely. */
  private List<PairScore> longer(List<PassagePair> pairs) {
    asked.addAll(pairs);
    return pairs.stream()
        .map(p -> new PairScore(100.0 * p.a().length(), 100.0 * p.b().length()))
        .toList();
  }

  private static Document document(String id, String text) {
    return Document.builder().id(id).text(text).metadata("from", id).score(0.5).build();
  }

  private static Document picture(String id) {
    Media media = new Media(Media.Format.IMAGE_PNG, URI.create("file:///" + id + ".png"));
    return Document.builder().id(id).media(media).score(0.9).build();
  }

  private static List<String> ids(List<Document> documents) {
    return documents.stream().map(Document::getId).toList();
  }

  private List<Document> process(Document... documents) {
    return processor.process(new Query("what is it?"), List.of(documents));
  }

  @Test
  void documentsAreOrderedByTheirNewScores() {
    Document first = document("1", "bb");
    ContentFormatter formatter =
        DefaultContentFormatter.builder().withTextTemplate("{content}").build();
    first.setContentFormatter(formatter);
    List<Document> ordered =
        process(first, document("2", "dddd"), document("3", "a"), document("4", "ccc"));
    assertEquals(List.of("2", "4", "1", "3"), ids(ordered));
    for (int i = 0; i < 4; i++) {
      assertEquals((3 - i) / 3.0, ordered.get(i).getScore(), 1e-9);
    }
    assertEquals("bb", ordered.get(2).getText());
    assertEquals(Map.of("from", "1"), ordered.get(2).getMetadata());
    assertSame(formatter, ordered.get(2).getContentFormatter());
    assertEquals(0.5, first.getScore(), "the documents that were given are changed");
    assertEquals(4 * 3, asked.size());
    assertTrue(asked.stream().allMatch(p -> p.query().equals("what is it?")));
  }

  @Test
  void documentsWithoutTextComeLastAndHaveNoScore() {
    List<Document> ordered =
        process(
            picture("p1"),
            document("1", "a"),
            document("2", " "),
            document("3", "bb"),
            picture("p2"));
    assertEquals(List.of("3", "1", "p1", "2", "p2"), ids(ordered));
    assertEquals(1, ordered.get(0).getScore());
    assertNull(ordered.get(2).getScore());
    assertNull(ordered.get(3).getScore());
    assertEquals("file:///p1.png", ordered.get(2).getMedia().getData());
    assertEquals(2, asked.size());
  }

  @Test
  void oneOrNoneTakesNoQuestion() {
    assertEquals(List.of(), process());
    assertEquals(1, process(document("1", "a")).get(0).getScore());
    assertEquals(List.of("p"), ids(process(picture("p"))));
    assertEquals(List.of(), asked);
  }

  @Test
  void anAdvisorGivesTheBestDocumentsFirst() {
    List<String> prompts = new ArrayList<>();
    ChatModel model =
        new ChatModel() {
          @Override
          public ChatResponse call(Prompt prompt) {
            prompts.add(prompt.getContents());
            return new ChatResponse(List.of(new Generation(new AssistantMessage("so it is"))));
          }
        };
    RetrievalAugmentationAdvisor advisor =
        RetrievalAugmentationAdvisor.builder()
            .documentRetriever(
                query -> List.of(document("1", "bb"), document("2", "dddd"), document("3", "ccc")))
            .documentPostProcessors(processor)
            .build();
    ChatClientResponse response =
        ChatClient.builder(model)
            .defaultAdvisors(advisor)
            .build()
            .prompt("the question")
            .call()
            .chatClientResponse();
    List<?> documents =
        (List<?>) response.context().get(RetrievalAugmentationAdvisor.DOCUMENT_CONTEXT);
    assertEquals(
        List.of("2", "3", "1"), documents.stream().map(d -> ((Document) d).getId()).toList());
    assertEquals(1, prompts.size());
    String prompt = prompts.get(0);
    assertTrue(
        prompt.indexOf("dddd") > 0 && prompt.indexOf("dddd") < prompt.indexOf("ccc"), prompt);
    assertTrue(asked.stream().allMatch(p -> p.query().equals("the question")));
  }
}
