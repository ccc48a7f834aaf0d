package io.github.lorascope.prompt;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.lorascope.tokenizer.GoldenTokenizers;
import io.github.lorascope.tokenizer.SpecialTokens;
import io.github.lorascope.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PromptEncoderTest {
  private static final Pattern STANDARD =
      Pattern.compile(
          "Query: (.*)\n\nDocument A: (.*)\n\nDocument B: (.*)\n\nWhich document.*",
          Pattern.DOTALL);
  private static final String LONG = "the river of history and its cities ".repeat(40);

  @TempDir Path folder;
  private Tokenizer tokenizer;

  @BeforeEach
  void load() throws IOException {
    tokenizer = GoldenTokenizers.load("byte-level", folder);
  }

  @AfterEach
  void close() {
    tokenizer.close();
  }

  @Test
  void idsAndSpansAreThoseOfTransformers() throws IOException {
    JsonNode prompts =
        new ObjectMapper().readTree(golden("prompts/byte-level.json").toFile()).get("prompts");
    assertEquals(6, prompts.size());
    for (JsonNode expected : prompts) {
      Matcher parts = STANDARD.matcher(expected.get("prompt").asText());
      assertTrue(parts.matches());
      EncodedPrompt prompt = encode(32, 0, parts.group(1), parts.group(2), parts.group(3));
      assertEquals(expected.get("prompt").asText(), prompt.text());
      assertArrayEquals(ints(expected.get("ids")), prompt.ids());
      JsonNode spans = expected.get("tokens");
      assertArrayEquals(ints(spans.get("query")), ints(prompt.query()));
      assertArrayEquals(ints(spans.get("a")), ints(prompt.documentA()));
      assertArrayEquals(ints(spans.get("b")), ints(prompt.documentB()));
    }
  }

  /** The turns are tokens; what a passage spells is not, and its span is its own. */
  @Test
  void theTurnsOfAChatAreTheTemplatesAlone() {
    PairPrompt chat =
        PairPrompt.chat(
            "<|im_start|>user\n{doc_b}: {query}\n{doc_a}<|im_end|>\n<|im_start|>assistant\n");
    String a = "<|im_end|> A";
    EncodedPrompt prompt =
        new PromptEncoder(tokenizer, chat, new PromptLimits(0, 0)).encode("what?", a, "b");
    int start = tokenizer.encode("<|im_start|>", SpecialTokens.PARSE, false).ids()[0];
    int end = tokenizer.encode("<|im_end|>", SpecialTokens.PARSE, false).ids()[0];
    int[] ids = prompt.ids();
    assertEquals(start, ids[0]);
    assertEquals(2, Arrays.stream(ids).filter(id -> id == start).count());
    assertEquals(1, Arrays.stream(ids).filter(id -> id == end).count());
    assertEquals(end, ids[prompt.documentA().end()]);
    assertEquals(
        prompt.documentA().size(), tokenizer.encode(a, SpecialTokens.AS_TEXT, false).size());
    assertEquals(chat.render("what?", a, "b").text(), prompt.text());
    EncodedPrompt asText =
        new PromptEncoder(tokenizer, PairPrompt.of(chat.template()), new PromptLimits(0, 0))
            .encode("what?", a, "b");
    assertFalse(Arrays.stream(asText.ids()).anyMatch(id -> id == start || id == end));
  }

  @Test
  void anotherModelsTurnsAreRefused() {
    assertRefused("has <|user|>, which is no special token of this model", "<|im_end|> <|user|>");
    assertRefused("has no special token of this model; it has <", "[INST]");
  }

  private void assertRefused(String part, String turns) {
    PairPrompt chat = PairPrompt.chat("{query} {doc_a} {doc_b} " + turns);
    PromptLimits whole = new PromptLimits(0, 0);
    PromptException e =
        assertThrows(PromptException.class, () -> new PromptEncoder(tokenizer, chat, whole));
    assertTrue(e.getMessage().contains(part), e.getMessage());
  }

  @Test
  void eachPassageIsCutToItsOwnFirstTokens() {
    EncodedPrompt prompt = encode(5, 0, "myth", LONG, "short");
    String a = tokenizer.firstTokens(LONG, 5);
    assertEquals(PairPrompt.standard().render("myth", a, "short").text(), prompt.text());
    assertEquals(5, prompt.documentA().size());
  }

  /** A template is text as well: it cannot write the turns of a chat. */
  @Test
  void nothingInATemplateBecomesASpecialToken() {
    String spelled = "<|im_start|>user {query} {doc_a} {doc_b}<|im_end|>";
    PromptEncoder encoder =
        new PromptEncoder(tokenizer, PairPrompt.of(spelled), new PromptLimits(0, 0));
    EncodedPrompt prompt = encoder.encode("what", "one", "two");
    assertEquals("<|im_start|>user what one two<|im_end|>", prompt.text());
    assertArrayEquals(
        tokenizer.encode(prompt.text(), SpecialTokens.AS_TEXT, true).ids(), prompt.ids());
    assertFalse(Arrays.stream(prompt.ids()).anyMatch(id -> id == 1 || id == 2));
  }

  @Test
  void nothingInAPassageOrQueryBecomesASpecialToken() throws IOException {
    JsonNode json = new ObjectMapper().readTree(golden("tokenizers/byte-level.json").toFile());
    int special = json.get("added_tokens").size();
    assertEquals(1, tokenizer.encode("<|im_start|>", SpecialTokens.PARSE, false).ids()[0]);
    EncodedPrompt prompt =
        encode(0, 0, "<|im_end|>", "a <|im_start|>system", "<|endoftext|><repo_name>");
    assertFalse(Arrays.stream(prompt.ids()).anyMatch(id -> id < special), prompt.text());
  }

  @Test
  void theTokenizersTemplateComesFirstAndBelongsToNoPart() throws IOException {
    Path other = Files.createDirectory(folder.resolve("metaspace"));
    try (Tokenizer metaspace = GoldenTokenizers.load("metaspace", other)) {
      PairPrompt prompt = PairPrompt.of("{query}{doc_a}{doc_b}");
      EncodedPrompt encoded =
          new PromptEncoder(metaspace, prompt, PromptLimits.NONE).encode("when", "", "now");
      assertEquals(1, encoded.ids()[0]);
      assertEquals(1, encoded.query().start());
      assertEquals(0, encoded.documentA().size());
      assertEquals(encoded.ids().length, encoded.documentB().end());
    }
  }

  @Test
  void aPromptPastTheLimitKeepsQueryQuestionAndEqualPartsOfThePassages() {
    int bare = encode(0, 0, "rivers", "", "").ids().length;
    for (int max = bare + 4; max < bare + 90; max++) {
      EncodedPrompt prompt = encode(0, max, "rivers", LONG, LONG);
      assertTrue(prompt.ids().length <= max, () -> prompt.text());
      assertTrue(prompt.ids().length >= max - 6, "wasted at " + max);
      Matcher parts = STANDARD.matcher(prompt.text());
      assertTrue(parts.matches(), "the question is cut at " + max);
      assertEquals("rivers", parts.group(1));
      assertEquals(parts.group(2), parts.group(3));
      assertTrue(prompt.documentA().size() >= 1 && prompt.documentB().size() >= 1);
    }
  }

  @Test
  void aShortPassageLeavesItsRestToTheOther() {
    EncodedPrompt first = encode(0, 100, "rivers", "in brief", LONG);
    EncodedPrompt second = encode(0, 100, "rivers", LONG, "in brief");
    assertTrue(first.text().contains("Document A: in brief\n"), first.text());
    assertTrue(second.text().contains("Document B: in brief\n"), second.text());
    assertEquals(first.documentB().size(), second.documentA().size());
    assertTrue(first.documentB().size() > 40, first.text());
    assertTrue(first.ids().length <= 100 && first.ids().length > 94);
  }

  @Test
  void aQueryThatLeavesNoRoomIsAnErrorThatCounts() {
    PromptException e =
        assertThrows(PromptException.class, () -> encode(0, 60, LONG, "a passage", "another"));
    int tokens = tokenizer.encode(LONG, SpecialTokens.AS_TEXT, false).size();
    assertTrue(e.getMessage().contains("the query takes " + tokens + " tokens"), e.getMessage());
    assertTrue(e.getMessage().contains("at most 60 tokens"), e.getMessage());
  }

  @Test
  void emptyTextsHaveEmptySpansInTheirPlace() {
    EncodedPrompt prompt = encode(3, 0, "", "", "");
    assertEquals(0, prompt.query().size() + prompt.documentA().size() + prompt.documentB().size());
    assertTrue(prompt.query().start() <= prompt.documentA().start());
    assertTrue(prompt.documentA().start() < prompt.documentB().start());
    assertTrue(prompt.documentB().start() < prompt.ids().length);
  }

  private EncodedPrompt encode(int passageTokens, int max, String query, String a, String b) {
    PromptLimits limits = new PromptLimits(passageTokens, max);
    return new PromptEncoder(tokenizer, PairPrompt.standard(), limits).encode(query, a, b);
  }

  private static Path golden(String name) {
    return Path.of(System.getProperty("golden.dir", "../core/src/test/resources/golden"), name);
  }

  private static int[] ints(TokenSpan span) {
    return new int[] {span.start(), span.end()};
  }

  private static int[] ints(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).mapToInt(JsonNode::asInt).toArray();
  }
}
