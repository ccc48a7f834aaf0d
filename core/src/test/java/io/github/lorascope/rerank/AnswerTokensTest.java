package io.github.lorascope.rerank;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.lorascope.Golden;
import io.github.lorascope.prompt.PairPrompt;
import io.github.lorascope.prompt.PromptException;
import io.github.lorascope.tokenizer.SpecialTokens;
import io.github.lorascope.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AnswerTokensTest {
  @TempDir Path folder;

  private Tokenizer tokenizer(String kind) throws IOException {
    Files.copy(Golden.path("tokenizers/" + kind + ".json"), folder.resolve("tokenizer.json"));
    return Tokenizer.load(folder);
  }

  private static int last(Tokenizer tokenizer, String text) {
    int[] ids = tokenizer.encode(text, SpecialTokens.AS_TEXT, true).ids();
    return ids[ids.length - 1];
  }

  @ParameterizedTest
  @ValueSource(strings = {"byte-level", "metaspace"})
  void theyContinueThePrompt(String kind) throws IOException {
    try (Tokenizer tokenizer = tokenizer(kind)) {
      AnswerTokens spaced = AnswerTokens.of(tokenizer, PairPrompt.standard());
      assertEquals(last(tokenizer, "Answer A or B. A"), spaced.a());
      assertEquals(last(tokenizer, "Answer A or B. B"), spaced.b());
      assertNotEquals(spaced.a(), spaced.b());
    }
  }

  @Test
  void behindWhiteSpaceTheyHaveNone() throws IOException {
    try (Tokenizer tokenizer = tokenizer("byte-level")) {
      PairPrompt lines = PairPrompt.of("{query}\n{doc_a}\n{doc_b}\n");
      AnswerTokens tokens = AnswerTokens.of(tokenizer, lines);
      assertEquals(last(tokenizer, "A"), tokens.a());
      assertNotEquals(last(tokenizer, " A"), tokens.a());
      assertEquals(tokens, AnswerTokens.of(tokenizer, lines, "A", "B"));
      AnswerTokens exchanged = AnswerTokens.of(tokenizer, lines, "B", "A");
      assertEquals(new AnswerTokens(tokens.b(), tokens.a()), exchanged);
    }
  }

  @Test
  void behindTheTokenOfATurnTheyHaveNone() throws IOException {
    try (Tokenizer tokenizer = tokenizer("byte-level")) {
      String template = "{query} {doc_a} {doc_b}<|im_end|>";
      assertEquals(last(tokenizer, "A"), AnswerTokens.of(tokenizer, PairPrompt.chat(template)).a());
      assertEquals(last(tokenizer, "> A"), AnswerTokens.of(tokenizer, PairPrompt.of(template)).a());
      PairPrompt turn = PairPrompt.chat(template + "\n<|im_start|>assistant\n");
      assertEquals(last(tokenizer, "A"), AnswerTokens.of(tokenizer, turn).a());
    }
  }

  @Test
  void anAnswerHasToBeOneToken() throws IOException {
    try (Tokenizer tokenizer = tokenizer("byte-level")) {
      PairPrompt standard = PairPrompt.standard();
      assertRefused(
          "the answer ' xylophonists' is not one token behind the prompt, which ends with"
              + " 'uery? Answer A or B.'",
          () -> AnswerTokens.of(tokenizer, standard, " xylophonists", " B"));
      assertRefused(
          "the answer '' is not one token", () -> AnswerTokens.of(tokenizer, standard, " A", ""));
      assertRefused(
          "begin with the same token", () -> AnswerTokens.of(tokenizer, standard, " A", " A"));
      // The space at its end becomes part of the answer's own token.
      PairPrompt spaced = PairPrompt.of("{query} {doc_a} {doc_b} Answer: ");
      assertRefused("end the prompt without a space", () -> AnswerTokens.of(tokenizer, spaced));
    }
  }

  @Test
  void thePromptHasToEndWithItsQuestion() throws IOException {
    try (Tokenizer tokenizer = tokenizer("byte-level")) {
      assertRefused(
          "end it with the question",
          () -> AnswerTokens.of(tokenizer, PairPrompt.of("{doc_a} {doc_b} {query}")));
    }
  }

  /** Behind an end-of-sequence token nothing is said. */
  @Test
  void aTokenizerThatEndsATextIsRefused() throws IOException {
    String json = Files.readString(Golden.path("tokenizers/metaspace.json"));
    ObjectNode tree = (ObjectNode) new ObjectMapper().readTree(json);
    ObjectNode processor = tree.putObject("post_processor");
    processor.put("type", "TemplateProcessing");
    JsonNode text = new ObjectMapper().readTree("{\"Sequence\": {\"id\": \"A\", \"type_id\": 0}}");
    JsonNode end =
        new ObjectMapper().readTree("{\"SpecialToken\": {\"id\": \"</s>\", \"type_id\": 0}}");
    processor.putArray("single").add(text).add(end);
    processor.putArray("pair").add(text).add(end);
    processor.set(
        "special_tokens",
        new ObjectMapper()
            .readTree("{\"</s>\": {\"id\": \"</s>\", \"ids\": [2], \"tokens\": [\"</s>\"]}}"));
    Files.writeString(folder.resolve("tokenizer.json"), tree.toString());
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      assertRefused(
          "puts a token of its own behind the prompt",
          () -> AnswerTokens.of(tokenizer, PairPrompt.standard()));
    }
  }

  /** Where a word begins behind a token, SentencePiece writes the space that is not there. */
  @Test
  void behindATurnOfSentencePieceTheyAreWords() throws IOException {
    try (Tokenizer tokenizer = tokenizer("metaspace")) {
      AnswerTokens tokens =
          AnswerTokens.of(tokenizer, PairPrompt.chat("{query} {doc_a} {doc_b} Answer:</s>"));
      assertEquals(last(tokenizer, "Answer: A"), tokens.a());
    }
  }

  private static void assertRefused(String part, Runnable work) {
    PromptException e = assertThrows(PromptException.class, work::run);
    assertTrue(e.getMessage().contains(part), e.getMessage());
  }
}
