package io.github.lorascope.prompt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.tokenizer.SpecialTokens;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PromptSettingsTest {
  private static final PromptSettings SETTINGS =
      new PromptSettings(
          PairPrompt.of("{query}\n\"{doc_b}\" \u00e9 {doc_a}?"), new PromptLimits(32, 512));

  @Test
  void whatIsPutIntoWordsIsRead() {
    PromptSettings read = PromptSettings.of(SETTINGS.values()).orElseThrow();
    assertEquals(SETTINGS.prompt().template(), read.prompt().template());
    assertEquals(SETTINGS.limits(), read.limits());
  }

  @Test
  void aChatIsToldAsOne() {
    assertFalse(SETTINGS.values().containsKey("prompt_special_tokens"));
    PromptSettings chat =
        new PromptSettings(
            PairPrompt.chat("<|user|>{query} {doc_a} {doc_b}<|end|>"), new PromptLimits(0, 0));
    assertEquals("true", chat.values().get("prompt_special_tokens"));
    PairPrompt read = PromptSettings.of(chat.values()).orElseThrow().prompt();
    assertEquals(SpecialTokens.PARSE, read.handling());
    assertEquals(chat.prompt().template(), read.template());
    assertEquals(
        SpecialTokens.AS_TEXT,
        PromptSettings.of(SETTINGS.values()).orElseThrow().prompt().handling());
  }

  @Test
  void anyLimitThatCanBeIsRead() {
    PromptSettings large =
        new PromptSettings(PairPrompt.standard(), new PromptLimits(Integer.MAX_VALUE, 0));
    assertEquals(large.limits(), PromptSettings.of(large.values()).orElseThrow().limits());
  }

  @ParameterizedTest
  @ValueSource(strings = {"prompt", "passage_tokens", "max_tokens"})
  void withoutOneOfThemNothingIsTold(String name) {
    Map<String, String> values = new TreeMap<>(SETTINGS.values());
    values.remove(name);
    assertEquals(Optional.empty(), PromptSettings.of(values));
  }

  @ParameterizedTest
  @CsvSource({
    "passage_tokens, -1",
    "passage_tokens, 1e3",
    "max_tokens, 9999999999",
    "max_tokens, \u0663",
    "prompt, {query} {doc_a}",
    "prompt_special_tokens, yes"
  })
  void damageIsNamed(String name, String value) {
    Map<String, String> values = new TreeMap<>(SETTINGS.values());
    values.put(name, value);
    PromptException e = assertThrows(PromptException.class, () -> PromptSettings.of(values));
    assertTrue(e.getMessage().contains(name), e.getMessage());
  }
}
