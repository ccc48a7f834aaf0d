package io.github.lorascope.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.IntStream;

/**
 * Regular expressions of a tokenizer's steps that the native library does not survive: nested so
 * deeply that reading them takes all of a thread's stack; those with a repetition within a
 * repetition, which over a short text can take more steps back than the library allows; and, in the
 * normalizer Replace, those that match the empty text, which before the first character makes it
 * look beyond the last one.
 */
final class ExpressionAborts {
  private static final int DEEPEST = 250;

  /** Flags after which a bracket behind the pattern may belong to a comment. */
  private static final Pattern COMMENTS = Pattern.compile("\\(\\?[a-wyz]*x");

  private static final Pattern CHOICES = Pattern.compile("[*+?{|]");
  private static final Pattern ENDLESS = Pattern.compile("[*+]|\\{\\d*,\\}");
  private static final int LONGEST_TRIED = 100;
  private static final int MOST_CHOICES = 8;

  private ExpressionAborts() {}

  /** Says what is wrong with a pattern of any step, or nothing. */
  static Optional<String> find(JsonNode pattern) {
    int depth = 0;
    int deepest = 0;
    String expression = pattern.path("Regex").asText();
    for (int i = 0; i < expression.length(); i++) {
      depth +=
          switch (expression.charAt(i)) {
            case '(', '[' -> 1;
            case ')', ']' -> -1;
            default -> 0;
          };
      deepest = Math.max(deepest, depth);
    }
    if (deepest > DEEPEST) {
      return Optional.of("one of its patterns has brackets nested " + deepest + " deep");
    }
    return repeatsRepetition(expression)
        ? Optional.of("its pattern " + pattern + " has a repetition within a repetition")
        : Optional.empty();
  }

  /** Tells whether a group that repeats something without end is itself repeated so. */
  private static boolean repeatsRepetition(String expression) {
    Deque<Boolean> outer = new ArrayDeque<>();
    boolean repeats = false; // in the innermost open group
    boolean closed = false; // whether that before is a group that repeats something
    boolean inClass = false;
    for (int i = 0; i < expression.length(); i++) {
      char c = expression.charAt(i);
      if (c == '\\') {
        i++;
        closed = false;
      } else if (inClass) {
        inClass = c != ']';
      } else if (c == '[') {
        inClass = true;
        closed = false;
      } else if (c == '(') {
        outer.push(repeats);
        repeats = false;
        closed = false;
      } else if (c == ')') {
        closed = repeats;
        repeats |= !outer.isEmpty() && outer.pop();
      } else if (ENDLESS.matcher(expression).region(i, expression.length()).lookingAt()) {
        if (closed) {
          return true;
        }
        repeats = true;
      } else {
        closed = false;
      }
    }
    return false;
  }

  /** Says what is wrong with a pattern of Replace, or nothing. */
  static Optional<String> inReplacement(JsonNode pattern) {
    String expression = pattern.path("Regex").asText();
    if (COMMENTS.matcher(expression).find()) {
      return Optional.of("its normalizer Replace has the flag x in the pattern " + pattern);
    }
    boolean empty =
        pattern.has("String")
            ? pattern.path("String").asText().isEmpty()
            : pattern.has("Regex") && matchesEmptyText(expression);
    return empty
        ? Optional.of(
            "its normalizer Replace has the pattern " + pattern + ", which matches the empty text")
        : Optional.empty();
  }

  /**
   * Tells whether a simple expression has an empty match at the start of a text; of others, and of
   * those in the library's own syntax, nothing is told.
   */
  private static boolean matchesEmptyText(String expression) {
    if (expression.length() > LONGEST_TRIED
        || CHOICES.matcher(expression).results().count() > MOST_CHOICES) {
      return false; // trying could take for ever
    }
    Pattern pattern;
    try {
      pattern = Pattern.compile(expression);
    } catch (PatternSyntaxException e) {
      return false;
    }
    return IntStream.rangeClosed(' ', '~')
        .mapToObj(character -> pattern.matcher(Character.toString(character)))
        .anyMatch(matcher -> matcher.lookingAt() && matcher.end() == 0);
  }

  /**
   * Changes the expressions in a tokenizer's JSON, in place, so that none has an empty match at the
   * start of a text, whatever the text is.
   */
  static void forbidEmptyMatches(JsonNode step) {
    if (step.path("type").asText().equals("Replace")
        && step.get("pattern") instanceof ObjectNode pattern
        && pattern.path("Regex").isTextual()) {
      pattern.put("Regex", "(?:" + pattern.path("Regex").asText() + ")(?!\\A)");
    }
    step.forEach(ExpressionAborts::forbidEmptyMatches);
  }
}
