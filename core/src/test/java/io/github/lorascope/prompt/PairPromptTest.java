package io.github.lorascope.prompt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PairPromptTest {
  @Test
  void standardPromptReadsAsSpecified() {
    assertEquals(
        "Query: q\n\nDocument A: a\n\nDocument B: b\n\n"
            + "Which document is more relevant to the query? Answer A or B.",
        PairPrompt.standard().render("q", "a", "b").text());
  }

  @Test
  void spansHoldTheThreeTextsInAnyOrderOfPlaces() {
    for (String template : new String[] {"{doc_b}{query}-{doc_a}", "x{query} {doc_a} {doc_b}y"}) {
      RenderedPrompt prompt = PairPrompt.of(template).render("query🙂", "", "second");
      assertEquals("query🙂", at(prompt, prompt.query()));
      assertEquals("", at(prompt, prompt.documentA()));
      assertEquals("second", at(prompt, prompt.documentB()));
    }
  }

  @Test
  void whatLooksLikeAPlaceInATextIsNotFilled() {
    RenderedPrompt prompt =
        PairPrompt.of("{query}|{doc_a}|{doc_b}").render("{doc_a}", "{doc_b}", "{query} $1 \\");
    assertEquals("{doc_a}|{doc_b}|{query} $1 \\", prompt.text());
    assertEquals("{query} $1 \\", at(prompt, prompt.documentB()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "{query} {doc_a}", "{query}{doc_a}{doc_b}{doc_a}", "{Query}{doc_a}{doc_b}"})
  void eachPlaceMustStandOnce(String template) {
    PromptException e = assertThrows(PromptException.class, () -> PairPrompt.of(template));
    assertTrue(e.getMessage().contains("exactly once"), e.getMessage());
  }

  private static String at(RenderedPrompt prompt, TextSpan span) {
    return prompt.text().substring(span.start(), span.end());
  }
}
