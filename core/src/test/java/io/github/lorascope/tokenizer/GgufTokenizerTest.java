package io.github.lorascope.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.lorascope.gguf.GgufWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tokenizers out of a GGUF file's keys. */
class GgufTokenizerTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int NORMAL = 1;
  private static final int UNKNOWN = 2;
  private static final int CONTROL = 3;
  private static final int USER_DEFINED = 4;
  private static final int BYTE = 6;

  @TempDir Path folder;

  /** The golden tokenizer's keys, as convert_hf_to_gguf.py of llama.cpp writes them. */
  private static GgufWriter golden(String name) throws IOException {
    JsonNode json = JSON.readTree(GoldenTokenizers.file(name).toFile());
    Map<Integer, String> byId = new LinkedHashMap<>();
    json.path("model")
        .path("vocab")
        .properties()
        .forEach(piece -> byId.put(piece.getValue().asInt(), piece.getKey()));
    String[] tokens = new String[byId.size()];
    byId.forEach((id, token) -> tokens[id] = token);
    int[] kinds = new int[tokens.length];
    float[] scores = new float[tokens.length];
    for (int id = 0; id < tokens.length; id++) {
      boolean isByte = tokens[id].matches("<0x..>");
      kinds[id] = isByte ? BYTE : tokens[id].equals("<unk>") ? UNKNOWN : NORMAL;
      scores[id] = -id;
    }
    for (JsonNode token : json.path("added_tokens")) {
      if (!token.path("content").asText().equals("<unk>")) {
        kinds[token.path("id").asInt()] =
            token.path("special").asBoolean() ? CONTROL : USER_DEFINED;
      }
    }
    GgufWriter writer =
        new GgufWriter()
            .texts("tokenizer.ggml.tokens", Arrays.asList(tokens))
            .int32s("tokenizer.ggml.token_type", kinds);
    if (name.equals("metaspace")) {
      return writer
          .text("tokenizer.ggml.model", "llama")
          .float32s("tokenizer.ggml.scores", scores)
          .uint32("tokenizer.ggml.bos_token_id", 1)
          .uint32("tokenizer.ggml.unknown_token_id", 0);
    }
    List<String> merges = new ArrayList<>();
    for (JsonNode merge : json.path("model").path("merges")) {
      merges.add(
          merge.isArray() ? merge.get(0).asText() + " " + merge.get(1).asText() : merge.asText());
    }
    return writer
        .text("tokenizer.ggml.model", "gpt2")
        .text("tokenizer.ggml.pre", "smollm")
        .texts("tokenizer.ggml.merges", merges);
  }

  @ParameterizedTest
  @CsvSource({"byte-level", "metaspace"})
  void idsAndPlacesAreThoseOfTheJson(String name) throws IOException {
    try (Tokenizer expected = GoldenTokenizers.load(name, folder);
        Tokenizer actual = Tokenizer.load(golden(name).write(folder.resolve("x.gguf")))) {
      int cases = 0;
      for (JsonNode c : JSON.readTree(GoldenTokenizers.file("cases").toFile()).get("cases")) {
        String text = c.get("text").asText();
        for (SpecialTokens handling : SpecialTokens.values()) {
          for (boolean template : new boolean[] {false, true}) {
            Encoding a = expected.encode(text, handling, template);
            Encoding b = actual.encode(text, handling, template);
            assertArrayEquals(a.ids(), b.ids(), text);
            assertArrayEquals(a.starts(), b.starts(), text);
            assertArrayEquals(a.ends(), b.ends(), text);
          }
        }
        cases++;
      }
      assertEquals(16, cases);
    }
  }

  /** SentencePiece joins the best pair each time, wherever it is. */
  @Test
  void mergesFollowTheScores() throws IOException {
    List<String> tokens = List.of("<unk>", "<s>", "</s>", "a", "b", "ab", "ba", "aba", "▁");
    GgufWriter writer =
        new GgufWriter()
            .text("tokenizer.ggml.model", "llama")
            .texts("tokenizer.ggml.tokens", tokens)
            .int32s("tokenizer.ggml.token_type", 2, 3, 3, 1, 1, 1, 1, 1, 1);
    float[] ba = {0, 0, 0, -9, -9, -2, -1, -3, -9};
    float[] ab = {0, 0, 0, -9, -9, -1, -2, -3, -9};
    assertEncodes(writer.float32s("tokenizer.ggml.scores", ba), "abab", 1, 8, 7, 4);
    assertEncodes(writer.float32s("tokenizer.ggml.scores", ab), "abab", 1, 8, 5, 5);
    assertEncodes(writer, "aba", 1, 8, 7);
    assertEncodes(writer.bool("tokenizer.ggml.add_space_prefix", false), "ab ab", 1, 5, 8, 5);
    assertEncodes(writer.bool("tokenizer.ggml.add_bos_token", false), "ab", 5);
    assertEncodes(writer.bool("tokenizer.ggml.add_eos_token", true), "ab", 5, 2);
    assertEncodes(writer, "a?", 3, 0, 2);
    assertEncodes(writer, "a</s>b", 3, 2, 4, 2);
    assertEncodes(writer, "</s> b", 2, 8, 4, 2);
    writer.text("general.architecture", "phi3");
    assertEncodes(writer, "</s> b", 2, 4, 2); // whose file lets the token take the space
    assertEncodes(writer, "<s> b", 1, 8, 4, 2);
  }

  /** The same joins as SentencePiece's own: the best neighbours first, of equal ones the left. */
  @Test
  void piecesAreThoseOfJoiningTheBestNeighbours() throws IOException {
    JsonNode vocabulary =
        JSON.readTree(GoldenTokenizers.file("metaspace").toFile()).path("model").path("vocab");
    StringBuilder all = new StringBuilder();
    for (JsonNode c : JSON.readTree(GoldenTokenizers.file("cases").toFile()).get("cases")) {
      all.append(c.get("text").asText().replace("<", "").replace("\u2581", ""));
    }
    int[] characters = all.codePoints().toArray();
    Random random = new Random(17);
    Path file = golden("metaspace").write(folder.resolve("x.gguf"));
    try (Tokenizer tokenizer = Tokenizer.load(file)) {
      for (int trial = 0; trial < 300; trial++) {
        int from = random.nextInt(characters.length - 60);
        int length = 1 + random.nextInt(60);
        String text = new String(characters, from, length);
        assertArrayEquals(
            joined("▁" + text.replace(" ", "▁"), vocabulary),
            tokenizer.encode(text, SpecialTokens.PARSE, false).ids(),
            text);
      }
    }
  }

  private static int[] joined(String text, JsonNode vocabulary) {
    List<String> parts = new ArrayList<>();
    text.codePoints().forEach(c -> parts.add(Character.toString(c)));
    while (true) {
      int best = -1;
      int bestId = Integer.MAX_VALUE; // the golden scores fall with the ids
      for (int i = 0; i + 1 < parts.size(); i++) {
        int id = vocabulary.path(parts.get(i) + parts.get(i + 1)).asInt(Integer.MAX_VALUE);
        if (id < bestId) {
          best = i;
          bestId = id;
        }
      }
      if (best < 0) {
        break;
      }
      parts.set(best, parts.get(best) + parts.remove(best + 1));
    }
    List<Integer> ids = new ArrayList<>();
    for (String part : parts) {
      if (vocabulary.has(part)) {
        ids.add(vocabulary.get(part).asInt());
      } else {
        for (byte b : part.getBytes(StandardCharsets.UTF_8)) {
          ids.add(vocabulary.get(String.format("<0x%02X>", b)).asInt());
        }
      }
    }
    return ids.stream().mapToInt(Integer::intValue).toArray();
  }

  private void assertEncodes(GgufWriter writer, String text, int... ids) throws IOException {
    try (Tokenizer tokenizer = Tokenizer.load(writer.write(folder.resolve("x.gguf")))) {
      assertArrayEquals(ids, tokenizer.encode(text, SpecialTokens.PARSE, true).ids());
    }
  }

  /** Each character is a token, so that a merge tells what was not cut apart. */
  private static GgufWriter characters(String pre, List<String> merges) {
    List<String> tokens = new ArrayList<>(List.of("<s>"));
    for (char c = '!'; c <= '~'; c++) {
      tokens.add(Character.toString(c));
    }
    tokens.add("Ġ");
    for (String merge : merges) {
      tokens.add(merge.replace(" ", ""));
    }
    GgufWriter writer =
        new GgufWriter()
            .text("tokenizer.ggml.model", "gpt2")
            .texts("tokenizer.ggml.tokens", tokens)
            .uint32("tokenizer.ggml.bos_token_id", 0)
            .texts("tokenizer.ggml.merges", merges);
    return pre.isEmpty() ? writer : writer.text("tokenizer.ggml.pre", pre);
  }

  @ParameterizedTest
  @CsvSource({
    "gpt-2, 1234567, 1234567",
    "gpt-2, a (b, a| (|b",
    "smollm, 1234567, 1|2|3|4|5|6|7",
    "default, 1234567, 123|456|7",
    "default, a (b, a| |(|b",
    "'', 1234567, 123|456|7",
    "llama-bpe, 1234567, 123|456|7",
    "llama3, 1234567, 123|456|7",
    "llama-bpe, a (b, a| (|b",
    "dbrx, 1234567, 123|456|7",
    "qwen2, 1234567, 1|2|3|4|5|6|7",
    "qwen2, I'LL, I|'LL",
    "gpt-2, I'LL, I|'|LL",
  })
  void namesOfPreTokenizersCut(String pre, String text, String parts) throws IOException {
    List<String> merges =
        List.of(
            "1 2",
            "12 3",
            "123 4",
            "1234 5",
            "12345 6",
            "123456 7",
            "4 5",
            "45 6",
            "Ġ (",
            "' L",
            "'L L",
            "L L");
    try (Tokenizer tokenizer =
        Tokenizer.load(characters(pre, merges).write(folder.resolve("x.gguf")))) {
      Encoding encoding = tokenizer.encode(text, SpecialTokens.PARSE, false);
      List<String> found = new ArrayList<>();
      for (int i = 0; i < encoding.size(); i++) {
        found.add(text.substring(encoding.starts()[i], encoding.ends()[i]));
      }
      assertEquals(parts, String.join("|", found));
      boolean begins = pre.startsWith("llama");
      assertEquals(
          encoding.size() + (begins ? 1 : 0),
          tokenizer.encode(text, SpecialTokens.PARSE, true).size());
    }
  }

  @Test
  void onlyLlama3TakesWholeWordsWithoutMerges() throws IOException {
    for (String pre : List.of("llama-bpe", "dbrx")) {
      GgufWriter writer = characters(pre, List.of("a b"));
      List<String> tokens = new ArrayList<>(List.of("<s>", "a", "b", "c", "ab", "abc"));
      writer.texts("tokenizer.ggml.tokens", tokens).bool("tokenizer.ggml.add_bos_token", false);
      if (pre.equals("dbrx")) {
        assertEncodes(writer, "abc", 4, 3);
      } else {
        assertEncodes(writer, "abc", 5);
      }
    }
  }

  @Test
  void unusableKeysEndInWords() throws IOException {
    assertRefused(w -> w.without("tokenizer.ggml.model"), "has no key tokenizer.ggml.model");
    assertRefused(w -> w.text("tokenizer.ggml.model", "bert"), "model bert is not supported");
    assertRefused(w -> w.text("tokenizer.ggml.pre", "tekken"), "pre tekken is not supported");
    assertRefused(w -> w.without("tokenizer.ggml.tokens"), "has no key tokenizer.ggml.tokens");
    assertRefused(w -> w.int32s("tokenizer.ggml.tokens", 1), "is a list of int32");
    assertRefused(w -> w.without("tokenizer.ggml.merges"), "has no key tokenizer.ggml.merges");
    assertRefused(w -> w.texts("tokenizer.ggml.merges", List.of("ab")), "is not two pieces");
    assertRefused(w -> w.texts("tokenizer.ggml.merges", List.of("a Ω")), "not a usable tokenizer");
    assertRefused(w -> w.int32s("tokenizer.ggml.token_type", 1, 1), "has 2 numbers for");
    assertRefused(
        w ->
            w.bool("tokenizer.ggml.add_bos_token", true).uint32("tokenizer.ggml.bos_token_id", 999),
        "bos_token_id 999 is none of");
    assertRefused(
        w -> w.bool("tokenizer.ggml.add_eos_token", true),
        "has no key tokenizer.ggml.eos_token_id");
    assertRefused(
        w -> w.texts("tokenizer.ggml.tokens", List.of("a", "b", "a")), "tokens 0 and 2 are both");
    assertRefused(
        w -> w.text("tokenizer.ggml.model", "llama").without("tokenizer.ggml.merges"),
        "has no key tokenizer.ggml.scores");
    Path other = Files.writeString(folder.resolve("notes.txt"), "nothing");
    assertTrue(
        assertThrows(TokenizerException.class, () -> Tokenizer.load(other))
            .getMessage()
            .contains("is no GGUF file"));
  }

  /** The native library ends the whole JVM over some of what a damaged file may hold. */
  @ParameterizedTest
  @CsvSource({"gpt2", "llama"})
  void damagedFilesEndInWords(String model) throws IOException {
    GgufWriter writer = characters("gpt-2", List.of("a b", "ab c", "Ġ t", "h e"));
    writer
        .text("tokenizer.ggml.model", model)
        .int32s("tokenizer.ggml.token_type", kinds(100))
        .bool("tokenizer.ggml.add_bos_token", true);
    if (model.equals("llama")) {
      writer.without("tokenizer.ggml.merges").float32s("tokenizer.ggml.scores", new float[100]);
    }
    byte[] good = writer.bytes();
    Path file = folder.resolve("damaged.gguf");
    Random random = new Random(13);
    for (int trial = 0; trial < 1500; trial++) {
      byte[] bad = good.clone();
      for (int i = 0; i <= trial % 4; i++) {
        bad[random.nextInt(bad.length)] = (byte) random.nextInt();
      }
      Files.write(file, bad);
      try (Tokenizer tokenizer = Tokenizer.load(file)) {
        tokenizer.encode("the abc 123 <s> ä", SpecialTokens.PARSE, true);
        tokenizer.encode("the abc 123 <s> ä", SpecialTokens.AS_TEXT, false);
      } catch (TokenizerException e) {
        assertTrue(e.getMessage().length() > 20, e.getMessage());
      }
    }
  }

  private static int[] kinds(int tokens) {
    int[] kinds = new int[tokens];
    Arrays.fill(kinds, NORMAL);
    kinds[0] = CONTROL;
    kinds[tokens - 1] = USER_DEFINED;
    return kinds;
  }

  private void assertRefused(UnaryOperator<GgufWriter> change, String part) throws IOException {
    GgufWriter writer = characters("gpt-2", List.of("a b"));
    Path file = change.apply(writer).write(folder.resolve("bad.gguf"));
    String message =
        assertThrows(TokenizerException.class, () -> Tokenizer.load(file)).getMessage();
    assertTrue(message.contains(part) && message.contains("bad.gguf"), message);
  }
}
