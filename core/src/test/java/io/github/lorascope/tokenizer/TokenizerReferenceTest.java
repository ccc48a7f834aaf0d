package io.github.lorascope.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Ids and places equal those of transformers, token for token. */
class TokenizerReferenceTest {
  @TempDir Path folder;

  static List<Arguments> cases() throws IOException {
    List<Arguments> cases = new ArrayList<>();
    for (JsonNode c :
        new ObjectMapper().readTree(GoldenTokenizers.file("cases").toFile()).get("cases")) {
      cases.add(Arguments.of(c.get("tokenizer").asText(), c.get("text").asText(), c));
    }
    assertEquals(16, cases.size());
    return cases;
  }

  @ParameterizedTest(name = "{0} {index}")
  @MethodSource("cases")
  void idsAndSpansAreThoseOfTransformers(String name, String text, JsonNode expected)
      throws IOException {
    try (Tokenizer tokenizer = GoldenTokenizers.load(name, folder)) {
      Encoding plain = tokenizer.encode(text, SpecialTokens.PARSE, false);
      assertArrayEquals(ints(expected.get("ids")), plain.ids());
      for (int i = 0; i < plain.size(); i++) {
        JsonNode span = expected.get("spans").get(i);
        String place = "token " + i + " of " + text;
        assertEquals(span.get(0).asInt(), text.codePointCount(0, plain.starts()[i]), place);
        assertEquals(span.get(1).asInt(), text.codePointCount(0, plain.ends()[i]), place);
        assertEquals(plain.ends()[i], text.offsetByCodePoints(0, span.get(1).asInt()), place);
      }
      int end = plain.size() == 0 ? 0 : plain.ends()[Math.min(8, plain.size()) - 1];
      assertEquals(expected.get("first_8_tokens_text").asText(), text.substring(0, end));
      assertArrayEquals(
          ints(expected.get("ids_with_special")),
          tokenizer.encode(text, SpecialTokens.PARSE, true).ids());
    }
  }

  @ParameterizedTest(name = "{0} {index}")
  @MethodSource("cases")
  void textWithoutSpecialTokensIsCutAsInTransformers(String name, String text, JsonNode expected)
      throws IOException {
    Assumptions.assumeFalse(text.contains("<s>") || text.contains("<|"), "parsed in the reference");
    try (Tokenizer tokenizer = GoldenTokenizers.load(name, folder)) {
      assertEquals(expected.get("first_8_tokens_text").asText(), tokenizer.firstTokens(text, 8));
      assertArrayEquals(
          ints(expected.get("ids")), tokenizer.encode(text, SpecialTokens.AS_TEXT, false).ids());
    }
  }

  private static int[] ints(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).mapToInt(JsonNode::asInt).toArray();
  }
}
