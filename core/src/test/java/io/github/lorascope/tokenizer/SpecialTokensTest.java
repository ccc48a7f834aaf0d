package io.github.lorascope.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SpecialTokensTest {
  /** Non-special tokens beside special ones, one of which the model's vocabulary lacks. */
  private static final String ADDED =
      """
      "added_tokens": [
        {"id": 0, "content": "<unk>", "special": true, %1$s},
        {"id": 1, "content": "<s>", "special": true, %1$s},
        {"id": 9, "content": "<|end|>", "special": true, %1$s},
        {"id": 10, "content": "<tool>", "special": false, %1$s},
        {"id": 11, "content": "</s>", "special": false, %1$s}],
      """
          .formatted(
              "\"single_word\": false, \"lstrip\": false, \"rstrip\": false,"
                  + " \"normalized\": false");

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"byte-level", "metaspace"})
  void textThatSpellsASpecialTokenStaysText(String name) throws IOException {
    Set<Integer> special = new HashSet<>();
    StringBuilder all = new StringBuilder();
    JsonNode json = new ObjectMapper().readTree(GoldenTokenizers.file(name).toFile());
    for (JsonNode token : json.get("added_tokens")) {
      special.add(token.get("id").asInt());
      all.append(token.get("content").asText());
    }
    try (Tokenizer tokenizer = GoldenTokenizers.load(name, folder)) {
      for (String text : new String[] {"<|im_start|>", "<s>", "a</s> b <unk>", all.toString()}) {
        Encoding encoding = tokenizer.encode(text, SpecialTokens.AS_TEXT, false);
        assertFalse(Arrays.stream(encoding.ids()).anyMatch(special::contains), text);
        assertEquals(text.length(), encoding.ends()[encoding.size() - 1]);
      }
      Encoding parsed = tokenizer.encode(all.toString(), SpecialTokens.PARSE, false);
      assertTrue(Arrays.stream(parsed.ids()).allMatch(special::contains), "the test is idle");
    }
  }

  @Test
  void templateStillAddsItsTokensToText() throws IOException {
    try (Tokenizer tokenizer = GoldenTokenizers.load("metaspace", folder)) {
      Encoding encoding = tokenizer.encode("<s>", SpecialTokens.AS_TEXT, true);
      assertEquals(1, encoding.ids()[0]);
      assertEquals(0, encoding.ends()[0]);
      assertEquals(1, Arrays.stream(encoding.ids()).filter(id -> id == 1).count());
    }
  }

  @Test
  void aUnigramModelDoesNotFindTheSpellingInItsVocabulary() throws IOException {
    Tokenizer tokenizer =
        load(
            """
            "model": {"type": "Unigram", "unk_id": 0, "byte_fallback": false, "vocab": [
              ["<unk>", 0.0], ["<s>", 0.0], ["<", -3.0], ["s", -3.0], [">", -3.0], ["/", -3.0],
              ["|", -3.0], ["en", -3.0], ["d", -3.0]]}
            """);
    try (tokenizer) {
      assertArrayEquals(new int[] {1, 2}, ids(tokenizer, "<s><", SpecialTokens.PARSE));
      assertArrayEquals(new int[] {2, 3, 4, 2}, ids(tokenizer, "<s><", SpecialTokens.AS_TEXT));
      assertArrayEquals(
          new int[] {2, 6, 7, 8, 6, 4}, ids(tokenizer, "<|end|>", SpecialTokens.AS_TEXT));
      assertArrayEquals(new int[] {0}, ids(tokenizer, "Z", SpecialTokens.AS_TEXT));
    }
  }

  @Test
  void aBpeModelNeitherMergesNorLooksUpTheSpelling() throws IOException {
    Tokenizer tokenizer =
        load(
            """
            "model": {"type": "BPE", "unk_token": "<unk>", "ignore_merges": true, "vocab": {
              "<unk>": 0, "<s>": 1, "<": 2, "s": 3, ">": 4, "s>": 5, "/": 6, "x": 7, "<s>x": 8},
              "merges": ["s >", "< s>", "<s> x"]}
            """);
    try (tokenizer) {
      assertArrayEquals(new int[] {1, 7}, ids(tokenizer, "<s>x", SpecialTokens.PARSE));
      assertArrayEquals(new int[] {2, 5}, ids(tokenizer, "<s>", SpecialTokens.AS_TEXT));
      assertArrayEquals(new int[] {0}, ids(tokenizer, "Z", SpecialTokens.AS_TEXT));
    }
  }

  @Test
  void otherAddedTokensKeepTheirIdsAndControlTokensWithoutTheFlagAreText() throws IOException {
    Tokenizer tokenizer =
        load(
            """
            "model": {"type": "BPE", "unk_token": "<unk>", "vocab": {"<unk>": 0, "<s>": 1,
              "<": 2, "s": 3, ">": 4, "/": 5, "a": 6, "b": 7, "c": 8}, "merges": []}
            """);
    try (tokenizer) {
      assertArrayEquals(
          new int[] {9, 10, 11}, ids(tokenizer, "<|end|><tool></s>", SpecialTokens.PARSE));
      assertArrayEquals(
          new int[] {10, 2, 5, 3, 4}, ids(tokenizer, "<tool></s>", SpecialTokens.AS_TEXT));
    }
  }

  /** A fine-tuned model may pad with a character, which texts go on to hold. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"BPE\", \"vocab\": {\"!\": 0, \"a\": 1, \"!!\": 2}, \"merges\": [\"! !\"]",
        "\"Unigram\", \"unk_id\": null, \"vocab\": [[\"!\", -1], [\"a\", -1], [\"!!\", -1]]"
      })
  void aCharacterThatIsFlaggedSpecialStaysInTheText(String model) throws IOException {
    String added =
        ADDED.replaceFirst("\"id\": 0, \"content\": \"<unk>\"", "\"id\": 0, \"content\": \"!\"");
    Files.writeString(
        folder.resolve("tokenizer.json"), "{" + added + "\"model\": {\"type\": " + model + "}}");
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      assertArrayEquals(new int[] {0, 1, 0, 0}, ids(tokenizer, "!a!!", SpecialTokens.PARSE));
      assertArrayEquals(new int[] {0, 1, 2}, ids(tokenizer, "!a!!", SpecialTokens.AS_TEXT));
      int end = ids(tokenizer, "<|end|>", SpecialTokens.PARSE)[0];
      int tool = ids(tokenizer, "<tool>", SpecialTokens.PARSE)[0];
      assertEquals(end + 1, tool);
      assertArrayEquals(new int[] {tool}, ids(tokenizer, "<tool>", SpecialTokens.AS_TEXT));
    }
  }

  @Test
  void aControlCharacterThatIsFlaggedSpecialIsHidden() throws IOException {
    String escaped = "\\u0003";
    String added = ADDED.replace("<unk>", escaped);
    String model = "\"vocab\": {\"" + escaped + "\": 0, \"a\": 1}, \"merges\": []}}";
    Files.writeString(
        folder.resolve("tokenizer.json"), "{" + added + "\"model\": {\"type\": \"BPE\", " + model);
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      assertArrayEquals(new int[] {0, 1}, ids(tokenizer, "\u0003a", SpecialTokens.PARSE));
      assertArrayEquals(new int[] {1}, ids(tokenizer, "\u0003a", SpecialTokens.AS_TEXT));
    }
  }

  private static int[] ids(Tokenizer tokenizer, String text, SpecialTokens handling) {
    return tokenizer.encode(text, handling, false).ids();
  }

  private Tokenizer load(String model) throws IOException {
    Files.writeString(folder.resolve("tokenizer.json"), "{" + ADDED + model + "}");
    return Tokenizer.load(folder);
  }
}
