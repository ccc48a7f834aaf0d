package io.github.lorascope.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenizerTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"byte-level", "metaspace"})
  void placesCountUtf16UnitsAndNeverSplitACharacter(String name) throws IOException {
    String text = "x 🙂🙂 𝑎\u0000日 end";
    try (Tokenizer tokenizer = GoldenTokenizers.load(name, folder)) {
      Encoding encoding = tokenizer.encode(text, SpecialTokens.AS_TEXT, false);
      assertEquals(text.length(), encoding.ends()[encoding.size() - 1]);
      for (int n = 0; n <= encoding.size() + 1; n++) {
        String cut = tokenizer.firstTokens(text, n);
        assertTrue(text.startsWith(cut), cut);
        assertTrue(
            cut.isEmpty() || !Character.isHighSurrogate(cut.charAt(cut.length() - 1)),
            "half a character after " + n + " tokens");
      }
      assertEquals("", tokenizer.firstTokens(text, 0));
      assertEquals(text, tokenizer.firstTokens(text, encoding.size()));
      assertEquals(text, tokenizer.firstTokens(text, Integer.MAX_VALUE));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"byte-level", "metaspace"})
  void halfASurrogatePairCountsAsTheReplacementCharacter(String name) throws IOException {
    try (Tokenizer tokenizer = GoldenTokenizers.load(name, folder)) {
      Encoding broken = tokenizer.encode("a\uD83D 🙂\uDE42b", SpecialTokens.AS_TEXT, false);
      Encoding mended = tokenizer.encode("a\uFFFD 🙂\uFFFDb", SpecialTokens.AS_TEXT, false);
      assertArrayEquals(mended.ids(), broken.ids());
      assertArrayEquals(mended.ends(), broken.ends());
    }
  }

  @Test
  void emptyTextHasNoTokens() throws IOException {
    try (Tokenizer tokenizer = GoldenTokenizers.load("byte-level", folder)) {
      assertEquals(0, tokenizer.encode("", SpecialTokens.AS_TEXT, true).size());
      assertEquals("", tokenizer.firstTokens("", 3));
    }
  }

  /** NFC makes one character of two, and its token's span has the first of them alone. */
  @ParameterizedTest
  @CsvSource({"true, cafe\u0301", "false, cafe"})
  void aCharacterKeepsTheMarksThatAreComposedWithIt(boolean composed, String cut)
      throws IOException {
    Files.writeString(
        folder.resolve("tokenizer.json"),
        """
        {"model": {"type": "BPE", "merges": [], "vocab":
          {"c": 0, "a": 1, "f": 2, "e": 3, "\u00e9": 4, "\u0301": 5, "x": 6}},
         "normalizer": %s}
        """
            .formatted(composed ? "{\"type\": \"NFC\"}" : "null"));
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      assertEquals(cut, tokenizer.firstTokens("cafe\u0301x", 4));
      assertEquals("caf", tokenizer.firstTokens("cafe\u0301x", 3));
    }
  }

  @Test
  void lengthLimitPaddingAndDropoutOfTheFileAreIgnored() throws IOException {
    ObjectMapper json = new ObjectMapper();
    ObjectNode root = (ObjectNode) json.readTree(GoldenTokenizers.file("byte-level").toFile());
    root.set(
        "truncation",
        json.readTree(
            """
            {"direction": "Right", "max_length": 4, "strategy": "LongestFirst", "stride": 0}
            """));
    root.set(
        "padding",
        json.readTree(
            """
            {"strategy": {"Fixed": 64}, "direction": "Right", "pad_to_multiple_of": null,
             "pad_id": 0, "pad_type_id": 0, "pad_token": "<|endoftext|>"}
            """));
    ((ObjectNode) root.get("model")).put("dropout", 0.9);
    json.writeValue(folder.resolve("tokenizer.json").toFile(), root);
    String text = "the quick brown fox jumps over the lazy dog";
    Path original = Files.createDirectory(folder.resolve("original"));
    try (Tokenizer changed = Tokenizer.load(folder);
        Tokenizer plain = GoldenTokenizers.load("byte-level", original)) {
      for (SpecialTokens handling : SpecialTokens.values()) {
        assertArrayEquals(
            plain.encode(text, handling, true).ids(), changed.encode(text, handling, true).ids());
      }
    }
  }

  @Test
  void threadsEncodeTheSameAndMayRaceWithClose() throws Exception {
    Tokenizer tokenizer = GoldenTokenizers.load("metaspace", folder);
    String text = "what are the liberal arts? ".repeat(50);
    int[] expected = tokenizer.encode(text, SpecialTokens.AS_TEXT, true).ids();
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      Callable<Integer> work =
          () -> {
            for (int i = 0; i < 20; i++) {
              int[] ids = tokenizer.encode(text, SpecialTokens.AS_TEXT, true).ids();
              assertArrayEquals(expected, ids);
            }
            return 0;
          };
      for (Future<Integer> done : threads.invokeAll(List.of(work, work, work, work, work, work))) {
        done.get();
      }
      List<Future<?>> racing = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        racing.add(
            threads.submit(
                () -> {
                  while (true) {
                    tokenizer.encode(text, SpecialTokens.AS_TEXT, true);
                  }
                }));
      }
      tokenizer.close();
      tokenizer.close();
      for (Future<?> race : racing) {
        Throwable end = assertThrows(ExecutionException.class, race::get).getCause();
        assertEquals(IllegalStateException.class, end.getClass());
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void leavesTheApplicationsSettingsAsTheyWere() throws IOException {
    GoldenTokenizers.load("byte-level", folder).close();
    assertNull(System.getProperty("ai.djl.offline"));
    assertNull(System.getProperty("OPT_OUT_TRACKING"));
  }

  @Test
  void aMissingFileIsNamedAndTheWayToMakeItTold() throws IOException {
    String nothing = messageOfLoading(folder);
    assertTrue(nothing.contains("has no tokenizer.json"), nothing);
    Files.writeString(folder.resolve("tokenizer.model"), "x");
    String sentencePiece = messageOfLoading(folder);
    assertTrue(sentencePiece.contains("tokenizer.model but no tokenizer.json"), sentencePiece);
    assertTrue(sentencePiece.contains("save_pretrained"), sentencePiece);
    String elsewhere = messageOfLoading(folder.resolve("absent"));
    assertTrue(elsewhere.contains("is not a folder"), elsewhere);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "not json",
        "[]",
        "{}",
        "null",
        "{\"model\": []}",
        "{\"model\": {}}",
        "{\"model\": {\"type\": \"None\"}}",
        "{\"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": -1}, \"merges\": []}}",
        "{\"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": 0}, \"merges\": [\"a b\"]}}",
        "{\"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": 0}, \"merges\": []}} {}",
        "{\"model\": {\"type\": \"BPE\", \"vocab\": {\"\\ud800\": 0}, \"merges\": []}}",
        "{\"model\": {\"type\": \"Unigram\", \"unk_id\": 7, \"vocab\": [[\"a\", 0.5]]}}",
        "{\"model\": {\"type\": \"BPE\", \"vocab\": {}, \"merges\": []}, \"added_tokens\": 3}"
      })
  void anUnusableFileIsAnErrorThatNamesIt(String content) throws IOException {
    Files.writeString(folder.resolve("tokenizer.json"), content);
    String message = messageOfLoading(folder);
    assertTrue(message.contains("tokenizer.json is not a usable tokenizer: "), message);
  }

  /** A trie for one replacement, of a by b, laid out by hand; then its leaf leads past the end. */
  @Test
  void aTableOfCharacterReplacementsIsFollowedBeforeItIsTrusted() throws IOException {
    byte[] bytes = new byte[4 + 512 * 4 + 2];
    ByteBuffer table = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    table.putInt(0, 512 * 4);
    table.putInt(4, 256 << 10);
    table.putInt(4 + (256 ^ 'a') * 4, ((256 ^ 'a' ^ 2) << 10) | 1 << 8 | 'a');
    table.putInt(4 + 2 * 4, 1 << 31);
    table.put(4 + 512 * 4, (byte) 'b');
    writeWithReplacements(bytes);
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      assertArrayEquals(new int[] {1}, tokenizer.encode("a", SpecialTokens.PARSE, false).ids());
    }
    table.putInt(4 + 2 * 4, 1 << 31 | 2);
    writeWithReplacements(bytes);
    String message = messageOfLoading(folder);
    assertTrue(message.contains("leads outside of the table"), message);
  }

  private void writeWithReplacements(byte[] table) throws IOException {
    Files.writeString(
        folder.resolve("tokenizer.json"),
        """
        {"model": {"type": "BPE", "vocab": {"a": 0, "b": 1}, "merges": []},
         "normalizer": {"type": "Precompiled", "precompiled_charsmap": "%s"}}
        """
            .formatted(Base64.getEncoder().encodeToString(table)));
  }

  @Test
  void aFileNestedTooDeeplyIsAnError() throws IOException {
    Files.writeString(folder.resolve("tokenizer.json"), "{\"model\": " + "[".repeat(100_000) + "}");
    String message = messageOfLoading(folder);
    assertTrue(message.contains("not a usable tokenizer"), message);
  }

  @Test
  void aTextWithoutTokensIsAnErrorWhereNothingStandsForTheUnknown() throws IOException {
    Files.writeString(
        folder.resolve("tokenizer.json"),
        """
        {"model": {"type": "WordLevel", "vocab": {"a": 0}, "unk_token": "<absent>"},
         "added_tokens": []}
        """);
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      TokenizerException e =
          assertThrows(
              TokenizerException.class, () -> tokenizer.encode("b", SpecialTokens.AS_TEXT, false));
      assertTrue(e.getMessage().contains("cannot encode"), e.getMessage());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'post_processor': {'type': 'TemplateProcessing', 'single': [{'SpecialToken': {'id': 'x',"
            + " 'type_id': 0}}], 'pair': [], 'special_tokens': {'x': {'id': 'x', 'ids':"
            + " [4000000000], 'tokens': ['x']}}}",
        "'model': {'type': 'BPE', 'byte_fallback': true, 'end_of_word_suffix': 'end', 'merges': [],"
            + " 'vocab': {'<0x61>': 0, '<0x65>': 1, '<0x6E>': 2, '<0x64>': 3}}"
      })
  void aTokenThatCannotBeOfTheTextIsAnError(String part) throws IOException {
    String model = "'model': {'type': 'BPE', 'vocab': {'a': 0}, 'merges': []}";
    String content = "{" + (part.startsWith("'model'") ? part : model + ", " + part) + "}";
    Files.writeString(folder.resolve("tokenizer.json"), content.replace('\'', '"'));
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      TokenizerException e =
          assertThrows(
              TokenizerException.class, () -> tokenizer.encode("a", SpecialTokens.AS_TEXT, true));
      assertTrue(
          e.getMessage().contains("its tokenizer.json or GGUF file is damaged"), e.getMessage());
    }
  }

  private static String messageOfLoading(Path folder) {
    return assertThrows(TokenizerException.class, () -> Tokenizer.load(folder)).getMessage();
  }
}
