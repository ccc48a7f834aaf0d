package io.github.lorascope.prompt;

import io.github.lorascope.tokenizer.SpecialTokens;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The question which of two passages answers a query better, with a place for each of the three.
 */
public final class PairPrompt {
  private static final String QUERY = "{query}";
  private static final String DOCUMENT_A = "{doc_a}";
  private static final String DOCUMENT_B = "{doc_b}";
  private static final int SHOWN = 12;

  /** How the tokens of turns are spelled in most models. */
  private static final Pattern CONTROL = Pattern.compile("<\\|[^|<>\\s]+\\|>");

  private static final Pattern PLACE = Pattern.compile("\\{(?:query|doc_a|doc_b)}");

  private static final PairPrompt STANDARD =
      of(
          """
          Query: {query}

          Document A: {doc_a}

          Document B: {doc_b}

          Which document is more relevant to the query? Answer A or B.\
          """);

  private final String template;
  private final SpecialTokens handling;

  /** The template's text before, between and after the places. */
  private final List<String> literals = new ArrayList<>();

  /** The places, in the template's order. */
  private final List<String> places = new ArrayList<>();

  private PairPrompt(String template, SpecialTokens handling) {
    this.template = template;
    this.handling = handling;
    Matcher place = PLACE.matcher(template);
    int end = 0;
    while (place.find()) {
      literals.add(template.substring(end, place.start()));
      places.add(place.group());
      end = place.end();
    }
    literals.add(template.substring(end));
  }

  /**
   * Gives the prompt that is used unless told otherwise.
   *
   * @return the standard prompt
   */
  public static PairPrompt standard() {
    return STANDARD;
  }

  /**
   * Makes a prompt of another template. It is text like what is set into it: what spells a special
   * token in it, such as {@code <|user|>}, is encoded as that text and not as the token; see {@link
   * #chat}.
   *
   * @param template the text, in which {@code {query}}, {@code {doc_a}} and {@code {doc_b}} stand
   *     exactly once each, in any order
   * @return the prompt
   * @throws PromptException when one of the three is absent or stands more than once
   */
  public static PairPrompt of(String template) {
    return checked(new PairPrompt(template, SpecialTokens.AS_TEXT));
  }

  /**
   * Makes a prompt of the turns of a chat: what spells a special token in the template is that
   * token, as in {@code "<|user|>\n...{doc_b}...<|end|>\n<|assistant|>\n"} of Phi-3. What is set
   * into it stays text. A beginning-of-sequence token is the tokenizer's to add. A template whose
   * turns are no tokens of a model is refused when that is asked.
   *
   * @param template the text, in which {@code {query}}, {@code {doc_a}} and {@code {doc_b}} stand
   *     exactly once each, in any order
   * @return the prompt
   * @throws PromptException when one of the three is absent or stands more than once
   */
  public static PairPrompt chat(String template) {
    return checked(new PairPrompt(template, SpecialTokens.PARSE));
  }

  private static PairPrompt checked(PairPrompt prompt) {
    for (String place : List.of(QUERY, DOCUMENT_A, DOCUMENT_B)) {
      long count = prompt.places.stream().filter(place::equals).count();
      if (count != 1) {
        throw new PromptException(
            "the prompt template has "
                + place
                + " "
                + count
                + " times; {query}, {doc_a} and {doc_b} must stand in it exactly once each");
      }
    }
    return prompt;
  }

  /**
   * Tells the template.
   *
   * @return the text with its three places
   */
  public String template() {
    return template;
  }

  /**
   * Tells what becomes of what spells a special token in the template.
   *
   * @return {@code PARSE} of a {@link #chat}, else {@code AS_TEXT}
   */
  public SpecialTokens handling() {
    return handling;
  }

  /**
   * Checks that the turns of a chat are tokens to a tokenizer.
   *
   * @throws PromptException if the template spells none of its special tokens, or has something of
   *     their form that is none
   */
  void requireTokens(Set<String> special) {
    if (handling == SpecialTokens.AS_TEXT) {
      return;
    }
    boolean any = false;
    for (String literal : literals) {
      any |= special.stream().anyMatch(literal::contains);
      Matcher control = CONTROL.matcher(literal);
      while (control.find()) {
        if (!special.contains(control.group())) {
          throw noToken("has " + control.group() + ", which is no special token", special);
        }
      }
    }
    if (!any) {
      throw noToken("has no special token", special);
    }
  }

  private static PromptException noToken(String what, Set<String> special) {
    return new PromptException(
        "the prompt of a chat "
            + what
            + " of this model; it has "
            + special.stream().sorted().limit(SHOWN).collect(Collectors.joining(", "))
            + (special.size() > SHOWN ? ", ..." : ""));
  }

  /**
   * Sets three texts into the template. What looks like a place within them stays as it is.
   *
   * @param query the query; may be empty
   * @param documentA passage A; may be empty
   * @param documentB passage B; may be empty
   * @return the prompt and where the three stand in it
   */
  public RenderedPrompt render(String query, String documentA, String documentB) {
    Objects.requireNonNull(query, "query");
    Objects.requireNonNull(documentA, "documentA");
    Objects.requireNonNull(documentB, "documentB");
    StringBuilder text = new StringBuilder(literals.get(0));
    TextSpan[] spans = new TextSpan[3];
    for (int i = 0; i < places.size(); i++) {
      int start = text.length();
      switch (places.get(i)) {
        case QUERY -> spans[0] = new TextSpan(start, text.append(query).length());
        case DOCUMENT_A -> spans[1] = new TextSpan(start, text.append(documentA).length());
        default -> spans[2] = new TextSpan(start, text.append(documentB).length());
      }
      text.append(literals.get(i + 1));
    }
    return new RenderedPrompt(text.toString(), spans[0], spans[1], spans[2]);
  }
}
