package io.github.lorascope.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.IntStream;

/**
 * Finds in a tokenizer's JSON what the native library (tokenizers 0.21) does not report but ends
 * the whole JVM over.
 */
final class NativeAborts {
  private NativeAborts() {}

  /** Says what is wrong, or nothing. */
  static Optional<String> find(JsonNode tokenizer) {
    Optional<String> found = inMerges(tokenizer.path("model"));
    for (String steps : new String[] {"normalizer", "pre_tokenizer", "post_processor"}) {
      found = found.or(() -> inSteps(tokenizer.path(steps)));
    }
    return found;
  }

  private static Optional<String> inMerges(JsonNode model) {
    String prefix = model.path("continuing_subword_prefix").asText("");
    if (!model.path("continuing_subword_prefix").isTextual() || prefix.isEmpty()) {
      return Optional.empty();
    }
    for (JsonNode merge : model.path("merges")) {
      String right =
          merge.isArray()
              ? merge.path(1).asText()
              : merge.asText().substring(merge.asText().indexOf(' ') + 1);
      if (!right.startsWith(prefix)) {
        return Optional.of("the merge " + merge + " lacks the prefix " + prefix);
      }
    }
    return Optional.empty();
  }

  /** Looks at a step and at those nested in it. */
  private static Optional<String> inSteps(JsonNode step) {
    Optional<String> found = inStep(step);
    for (JsonNode nested : step) {
      found = found.or(() -> inSteps(nested));
    }
    return found;
  }

  private static Optional<String> inStep(JsonNode step) {
    return switch (step.path("type").asText()) {
      case "Prepend" ->
          step.path("prepend").asText().isEmpty()
              ? Optional.of("its normalizer Prepend has nothing to prepend")
              : Optional.empty();
      case "Replace" -> inReplacement(step.path("pattern"));
      case "FixedLength" ->
          step.path("length").asInt(1) < 1
              ? Optional.of("its pre-tokenizer FixedLength has length 0")
              : Optional.empty();
      case "Precompiled" ->
          PrecompiledCharacters.findFault(step.path("precompiled_charsmap").asText());
      case "TemplateProcessing" -> inTemplate(step);
      default -> Optional.empty();
    };
  }

  /** An empty match before the first character makes the library look beyond the last one. */
  private static Optional<String> inReplacement(JsonNode pattern) {
    boolean empty =
        pattern.has("String")
            ? pattern.path("String").asText().isEmpty()
            : pattern.has("Regex") && matchesEmptyText(pattern.path("Regex").asText());
    return empty
        ? Optional.of(
            "its normalizer Replace has the pattern " + pattern + ", which matches the empty text")
        : Optional.empty();
  }

  /** Tells whether an expression has an empty match at the start of a text. */
  private static boolean matchesEmptyText(String expression) {
    Pattern pattern;
    try {
      pattern = Pattern.compile(expression);
    } catch (PatternSyntaxException e) {
      return false; // the library has its own syntax, and reports what it does not read
    }
    return IntStream.rangeClosed(' ', '~')
        .mapToObj(character -> pattern.matcher(Character.toString(character)))
        .anyMatch(matcher -> matcher.lookingAt() && matcher.end() == 0);
  }

  private static Optional<String> inTemplate(JsonNode step) {
    JsonNode specials = step.path("special_tokens");
    for (JsonNode special : specials) {
      if (special.path("ids").isEmpty()
          || special.path("ids").size() != special.path("tokens").size()) {
        return Optional.of("its template's " + special + " has not as many ids as tokens");
      }
    }
    for (String template : new String[] {"single", "pair"}) {
      for (JsonNode piece : step.path(template)) {
        if (piece.has("SpecialToken")
            && !specials.has(piece.path("SpecialToken").path("id").asText())) {
          return Optional.of("its template does not tell the id of " + piece);
        }
        if (template.equals("single") && piece.path("Sequence").path("id").asText().equals("B")) {
          return Optional.of("its template for one text uses a second one");
        }
      }
    }
    return Optional.empty();
  }
}
