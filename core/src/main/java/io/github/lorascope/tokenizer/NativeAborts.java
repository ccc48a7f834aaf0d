package io.github.lorascope.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import java.util.function.Function;

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
      found = found.or(() -> inSteps(tokenizer.path(steps), NativeAborts::inStep));
    }
    // a decoder is read, and not used
    return found.or(() -> inSteps(tokenizer.path("decoder"), NativeAborts::inPattern));
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
  private static Optional<String> inSteps(
      JsonNode step, Function<JsonNode, Optional<String>> check) {
    Optional<String> found = check.apply(step);
    for (JsonNode nested : step) {
      found = found.or(() -> inSteps(nested, check));
    }
    return found;
  }

  private static Optional<String> inStep(JsonNode step) {
    return inPattern(step).or(() -> inTyped(step));
  }

  private static Optional<String> inPattern(JsonNode step) {
    return ExpressionAborts.find(step.path("pattern"));
  }

  private static Optional<String> inTyped(JsonNode step) {
    return switch (step.path("type").asText()) {
      case "Prepend" ->
          step.path("prepend").asText().isEmpty()
              ? Optional.of("its normalizer Prepend has nothing to prepend")
              : Optional.empty();
      case "Replace" -> ExpressionAborts.inReplacement(step.path("pattern"));
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
