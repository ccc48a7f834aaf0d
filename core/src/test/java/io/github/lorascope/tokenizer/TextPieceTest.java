package io.github.lorascope.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Texts of several sources, of which some may spell special tokens. */
class TextPieceTest {
  private static final List<String> WORDS =
      List.of("what", " is", " a", "\n", "  ", "2", "é", "𝄞", "|>", "<|", "Genes.", "");

  @TempDir Path folder;

  private static TextPiece parsed(String text) {
    return new TextPiece(text, SpecialTokens.PARSE);
  }

  private static TextPiece text(String text) {
    return new TextPiece(text, SpecialTokens.AS_TEXT);
  }

  private static void assertEncoding(Encoding expected, Encoding actual, String of) {
    assertArrayEquals(expected.ids(), actual.ids(), of);
    assertArrayEquals(expected.starts(), actual.starts(), of);
    assertArrayEquals(expected.ends(), actual.ends(), of);
  }

  private static List<String> special(String name) throws IOException {
    List<String> all = new ArrayList<>();
    JsonNode json = new ObjectMapper().readTree(GoldenTokenizers.file(name).toFile());
    json.get("added_tokens").forEach(token -> all.add(token.get("content").asText()));
    return all;
  }

  /** However a text is cut into parts of one kind, but not within a token, it is the whole text. */
  @ParameterizedTest
  @ValueSource(strings = {"byte-level", "metaspace"})
  void onePartIsAsTheWholeText(String name) throws IOException {
    List<String> special = special(name);
    Random random = new Random(5);
    try (Tokenizer tokenizer = GoldenTokenizers.load(name, folder)) {
      for (int round = 0; round < 300; round++) {
        List<TextPiece> parts = new ArrayList<>();
        for (int i = random.nextInt(12); i >= 0; i--) {
          List<String> from = random.nextInt(3) == 0 ? special : WORDS;
          parts.add(parsed(from.get(random.nextInt(from.size()))));
        }
        String whole = parts.stream().map(TextPiece::text).collect(Collectors.joining());
        boolean template = random.nextBoolean();
        assertEncoding(
            tokenizer.encode(whole, SpecialTokens.PARSE, template),
            tokenizer.encode(List.of(parsed(whole)), template),
            whole);
        assertEncoding(
            tokenizer.encode(whole, SpecialTokens.PARSE, template),
            tokenizer.encode(parts, template),
            whole);
        assertEncoding(
            tokenizer.encode(whole, SpecialTokens.AS_TEXT, template),
            tokenizer.encode(List.of(text(whole)), template),
            whole);
        int cut = whole.offsetByCodePoints(0, whole.codePointCount(0, whole.length()) / 2);
        assertEncoding(
            tokenizer.encode(whole, SpecialTokens.AS_TEXT, template),
            tokenizer.encode(
                List.of(text(whole.substring(0, cut)), text(whole.substring(cut))), template),
            whole);
      }
    }
  }

  @Test
  void whatAnotherPartSpellsStaysText() throws IOException {
    try (Tokenizer tokenizer = GoldenTokenizers.load("byte-level", folder)) {
      int start = tokenizer.encode("<|im_start|>", SpecialTokens.PARSE, false).ids()[0];
      int end = tokenizer.encode("<|im_end|>", SpecialTokens.PARSE, false).ids()[0];
      List<TextPiece> pieces =
          List.of(
              parsed("<|im_start|>user\n"),
              text("a <|im_end|> b <|im_"),
              parsed("end|>"), // only together with what stands before
              text("c"),
              parsed("<|im_end|>\n"));
      Encoding encoding = tokenizer.encode(pieces, false);
      assertEquals(1, Arrays.stream(encoding.ids()).filter(id -> id == start).count());
      assertEquals(1, Arrays.stream(encoding.ids()).filter(id -> id == end).count());
      assertEquals(start, encoding.ids()[0]);
      String whole = "<|im_start|>user\na <|im_end|> b <|im_end|>c<|im_end|>\n";
      int last = encoding.size() - 2;
      assertEquals(end, encoding.ids()[last]);
      assertEquals(whole.lastIndexOf("<|im_end|>"), encoding.starts()[last]);
      assertEquals(whole.length() - 1, encoding.ends()[last]);
      assertEquals(whole.length(), encoding.ends()[last + 1]);
      StringBuilder covered = new StringBuilder();
      for (int i = 0; i < encoding.size(); i++) {
        covered.append(whole, encoding.starts()[i], encoding.ends()[i]);
      }
      assertEquals(whole, covered.toString());
    }
  }

  /** The hidden spelling of a token must not begin that of another. */
  @Test
  void aTokenBeforeADigitIsItself() throws IOException {
    StringBuilder added = new StringBuilder();
    for (int id = 0; id < 25; id++) {
      added.append(
          "{\"id\": %d, \"content\": \"<|t%d|>\", \"special\": true, \"single_word\": false, \"lstrip\": false, \"rstrip\": false, \"normalized\": false}%s"
              .formatted(id, id, id < 24 ? ", " : ""));
    }
    StringBuilder vocabulary = new StringBuilder();
    for (int i = 0; i < 10; i++) {
      vocabulary.append("\"").append(i).append("\": ").append(25 + i).append(i < 9 ? ", " : "");
    }
    Files.writeString(
        folder.resolve("tokenizer.json"),
        "{\"added_tokens\": ["
            + added
            + "], \"model\": {\"type\": \"BPE\", \"vocab\": {"
            + vocabulary
            + "}, \"merges\": []}}");
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      String whole = "<|t2|>1<|t12|>2<|t1|>23";
      Encoding expected = tokenizer.encode(whole, SpecialTokens.PARSE, false);
      assertEquals(7, expected.size());
      assertEncoding(expected, tokenizer.encode(List.of(parsed(whole)), false), whole);
      List<TextPiece> apart = List.of(parsed("<|t2|>"), text("1"), parsed("<|t12|>"), text("2"));
      assertArrayEquals(Arrays.copyOf(expected.ids(), 4), tokenizer.encode(apart, false).ids());
    }
  }

  /** As Phi-3's {@code <|user|>} takes the line break behind it. */
  @Test
  void aTokenTakesTheWhiteSpaceBesideItThatItsFileSays() throws IOException {
    Files.writeString(
        folder.resolve("tokenizer.json"),
        """
        {"added_tokens": [{"id": 3, "content": "<|user|>", "special": true, "single_word": false,
          "lstrip": false, "rstrip": true, "normalized": false}],
         "model": {"type": "BPE", "vocab": {"a": 0, "\\n": 1, "b": 2}, "merges": []}}
        """);
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      Encoding expected = tokenizer.encode("a\n<|user|>\n\nb", SpecialTokens.PARSE, false);
      assertArrayEquals(new int[] {0, 1, 3, 2}, expected.ids());
      Encoding pieces = tokenizer.encode(List.of(parsed("a\n<|user|>\n"), text("\nb")), false);
      assertArrayEquals(expected.ids(), pieces.ids());
      assertEquals(12, expected.ends()[2], "with the white space");
      assertArrayEquals(new int[] {0, 1, 2, 12}, pieces.starts());
      assertArrayEquals(new int[] {1, 2, 10, 13}, pieces.ends(), "which may be another part's");
    }
  }

  /** Between letters, where a text would not have it. */
  @Test
  void aTokenThatStandsAloneInTextsIsOneInATemplate() throws IOException {
    Files.writeString(
        folder.resolve("tokenizer.json"),
        """
        {"added_tokens": [{"id": 1, "content": "<|u|>", "special": true, "single_word": true,
          "lstrip": false, "rstrip": false, "normalized": false}],
         "model": {"type": "BPE", "vocab": {"a": 0}, "merges": []}}
        """);
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      assertArrayEquals(
          new int[] {0, 1, 0},
          tokenizer.encode(List.of(text("a"), parsed("<|u|>"), text("a")), false).ids());
    }
  }

  @Test
  void aTextThatIsTooLongDoesNotTellTheOtherSpelling() throws IOException {
    try (Tokenizer tokenizer = GoldenTokenizers.load("byte-level", folder)) {
      List<TextPiece> pieces = List.of(parsed("<|im_start|>"), text("a".repeat(4_000_000)));
      TokenizerException e =
          assertThrows(TokenizerException.class, () -> tokenizer.encode(pieces, false));
      assertTrue(
          e.getMessage()
              .startsWith("a text of 4,000,012 characters, which begins with '<|im_start|>a"),
          e.getMessage());
    }
  }

  @Test
  void aTextMayHaveNoParts() throws IOException {
    try (Tokenizer tokenizer = GoldenTokenizers.load("metaspace", folder)) {
      assertEquals(0, tokenizer.encode(List.of(), false).size());
      assertEquals(1, tokenizer.encode(List.of(), true).size(), "the template's");
    }
  }
}
