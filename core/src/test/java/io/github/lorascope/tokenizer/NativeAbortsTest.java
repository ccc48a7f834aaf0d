package io.github.lorascope.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What would end this test's own JVM if it reached the native library. */
class NativeAbortsTest {
  @TempDir Path folder;

  /** Each of these ends the JVM inside the native library when it gets that far. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "'normalizer': {'type': 'Prepend', 'prepend': ''}",
        "'normalizer': {'type': 'Replace', 'pattern': {'String': ''}, 'content': 'x'}",
        "'normalizer': {'type': 'Replace', 'pattern': {'Regex': 'x*'}, 'content': 'x'}",
        "'normalizer': {'type': 'Sequence', 'normalizers': [{'type': 'Replace', 'pattern':"
            + " {'Regex': '^'}, 'content': 'x'}]}",
        "'normalizer': {'type': 'Replace', 'pattern': {'Regex': '(?x)a # all'}, 'content': 'x'}",
        "'normalizer': {'type': 'Precompiled', 'precompiled_charsmap': '!'}",
        "'normalizer': {'type': 'Precompiled', 'precompiled_charsmap': 'AAAA'}",
        "'normalizer': {'type': 'Precompiled', 'precompiled_charsmap': '/////wAAAAA='}",
        "'normalizer': {'type': 'Sequence', 'normalizers': [{'type': 'Precompiled',"
            + " 'precompiled_charsmap': 'EAAAAP////////////////////8='}]}",
        "'pre_tokenizer': {'type': 'FixedLength', 'length': 0}",
        "'pre_tokenizer': {'type': 'Split', 'pattern': {'Regex': '(x+x+)+y'}, 'behavior':"
            + " 'Isolated', 'invert': false}",
        "'pre_tokenizer': {'type': 'Split', 'pattern': {'Regex': '[(](?:a|(b{2,}))*+y'},"
            + " 'behavior': 'Isolated', 'invert': false}",
        "'post_processor': {'type': 'TemplateProcessing', 'single': [{'SpecialToken': {'id':"
            + " '<s>', 'type_id': 0}}], 'pair': [], 'special_tokens': {}}",
        "'post_processor': {'type': 'TemplateProcessing', 'single': [{'Sequence': {'id':"
            + " 'B', 'type_id': 0}}], 'pair': [], 'special_tokens': {}}",
        "'post_processor': {'type': 'TemplateProcessing', 'single': [], 'pair': [],"
            + " 'special_tokens': {'<s>': {'id': '<s>', 'ids': [1, 2], 'tokens': ['<s>']}}}",
        "'model': {'type': 'BPE', 'continuing_subword_prefix': '##', 'vocab': {'a': 0, 'b': 1,"
            + " 'ab': 2}, 'merges': ['a b']}"
      })
  void aFileThatWouldEndTheJvmIsRefused(String part) throws IOException {
    String model = "'model': {'type': 'BPE', 'vocab': {'a': 0}, 'merges': []}";
    String content = "{" + (part.startsWith("'model'") ? part : model + ", " + part) + "}";
    write(content);
    String message = messageOfLoading();
    assertTrue(message.contains("tokenizer.json is not a usable tokenizer: "), message);
  }

  @Test
  void aTextOfMoreWhiteSpaceThanASearchSurvivesIsRefused() throws IOException {
    write(
        "{'model': {'type': 'BPE', 'vocab': {'a': 0}, 'merges': []}, 'pre_tokenizer': {'type':"
            + " 'Split', 'pattern': {'Regex': '\\\\s*[\\\\r\\\\n]+|\\\\s+(?!\\\\S)|(?:ab+)?c+'},"
            + " 'behavior': 'Isolated', 'invert': false}}");
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      String most = " ".repeat(3_999_999) + "a";
      assertEquals(1, tokenizer.encode(most, SpecialTokens.AS_TEXT, false).size());
      String message =
          assertThrows(
                  TokenizerException.class,
                  () -> tokenizer.encode(most + "a", SpecialTokens.AS_TEXT, false))
              .getMessage();
      assertTrue(message.contains("4,000,001 characters"), message);
    }
  }

  /** Java's expressions, of one character, do not tell that these match nothing at the start. */
  @ParameterizedTest
  @ValueSource(strings = {"(?=ab)", "(?=..)", "(?~a)", "(?!.)", "(?:a?|b?|c?|d?|e?|f?|g?)*"})
  void anEmptyMatchBeforeTheFirstCharacterIsLeftOut(String expression) throws IOException {
    write(replacing(expression));
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      for (String text : new String[] {"abc", "\nabc", "bab", "é"}) {
        assertEquals(1, tokenizer.encode(text, SpecialTokens.AS_TEXT, false).size(), text);
      }
    }
  }

  /** Trying such a pattern in Java would take a lifetime. */
  @Test
  void aPatternThatCannotBeTriedIsNot() throws IOException {
    write(replacing("(?:a?|a?)".repeat(40) + "x"));
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      assertEquals(1, tokenizer.encode("yes", SpecialTokens.AS_TEXT, false).size());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"(", "["})
  void aPatternNestedTooDeeplyIsRefused(String bracket) throws IOException {
    String pattern = "{'Regex': '" + bracket.repeat(50_000) + "'}";
    for (String step :
        new String[] {
          "'normalizer': {'type': 'Replace', 'pattern': %s, 'content': 'x'}",
          "'pre_tokenizer': {'type': 'Split', 'pattern': %s, 'behavior': 'Removed', 'invert': false}",
          "'decoder': {'type': 'Sequence', 'decoders': [{'type': 'Replace', 'pattern': %s,"
              + " 'content': 'x'}]}"
        }) {
      write(
          "{'model': {'type': 'BPE', 'vocab': {'a': 0}, 'merges': []}, "
              + step.formatted(pattern)
              + "}");
      String message = messageOfLoading();
      assertTrue(message.contains("brackets nested 50000 deep"), message);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'type': 'Strip', 'strip_left': true, 'strip_right': true}|  ",
        "{'type': 'StripAccents'}|\u0301",
        "{'type': 'Nmt'}|\u007f",
        "{'type': 'Replace', 'pattern': {'String': 'x'}, 'content': ''}|x"
      })
  void anAddedTokenThatTheNormalizerLeavesNothingOfIsRefused(String part) throws IOException {
    int bar = part.indexOf('|');
    String normalizer = part.substring(0, bar);
    String content = part.substring(bar + 1);
    write(withTokens(normalizer, token(content, false, false, true)));
    String message = messageOfLoading();
    assertTrue(message.contains("its normalizer leaves nothing of the added token"), message);
    write(withTokens(normalizer, token(content, false, false, false)));
    try (Tokenizer tokenizer = Tokenizer.load(folder)) { // it is looked for as it is
      assertEquals(1, tokenizer.encode("é", SpecialTokens.AS_TEXT, false).size());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {" ", "\\n", "\u00a0x"})
  void anAddedTokenWithinTheWhiteSpaceOfAnotherIsRefused(String second) throws IOException {
    String first = token("A:", false, true, false);
    write(withTokens("null", first + ", " + token(second, true, false, false)));
    String message = messageOfLoading();
    assertTrue(message.contains("may begin within another's white space"), message);
    write(withTokens("null", first + ", " + token(second, false, false, false)));
    try (Tokenizer tokenizer = Tokenizer.load(folder)) { // without lstrip the library bears it
      tokenizer.encode("A: \n\u00a0x A:  x", SpecialTokens.AS_TEXT, false);
    }
    String normalizer = "{'type': 'Replace', 'pattern': {'String': 'é'}, 'content': ' '}";
    write(withTokens(normalizer, first + ", " + token("é", true, false, true)));
    assertTrue(messageOfLoading().contains("white space"));
    write(withTokens(normalizer, first + ", " + token("<mask>", true, false, true)));
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      assertEquals(2, tokenizer.encode("A: <mask>", SpecialTokens.PARSE, false).size());
    }
  }

  private static String replacing(String expression) {
    return "{'model': {'type': 'WordLevel', 'vocab': {'u': 0}, 'unk_token': 'u'}, 'normalizer':"
        + " {'type': 'Sequence', 'normalizers': [{'type': 'Replace', 'pattern': {'Regex': '"
        + expression
        + "'}, 'content': 'x'}, {'type': 'NFC'}, {'type': 'Lowercase'}]}}";
  }

  private static String withTokens(String normalizer, String tokens) {
    return "{'model': {'type': 'WordLevel', 'vocab': {'u': 0}, 'unk_token': 'u'}, 'normalizer': "
        + normalizer
        + ", 'added_tokens': ["
        + tokens
        + "]}";
  }

  private static String token(String content, boolean left, boolean right, boolean normalized) {
    return "{'id': %d, 'content': '%s', 'single_word': false, 'lstrip': %b, 'rstrip': %b,"
            .formatted(1 + Math.abs(content.hashCode() % 1000), content, left, right)
        + " 'normalized': %b, 'special': false}".formatted(normalized);
  }

  private void write(String json) throws IOException {
    Files.writeString(folder.resolve("tokenizer.json"), json.replace('\'', '"'));
  }

  private String messageOfLoading() {
    return assertThrows(TokenizerException.class, () -> Tokenizer.load(folder)).getMessage();
  }
}
