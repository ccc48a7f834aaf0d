package io.github.lorascope.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * Takes the special tokens out of the reach of text. Each keeps its id and its place, so that the
 * other ids and the post-processor's template stay as they are, but its spelling becomes one that
 * nobody can guess. That holds for the list of added tokens and for the model's own vocabulary
 * (where a Unigram model, or a BPE model with {@code ignore_merges}, would find the spelling too).
 * A written character of the vocabulary that is flagged special, as a padding token may be, is made
 * of nothing smaller: it stays what it is in text, and is no more than that.
 */
final class SpecialSpellings {
  /**
   * Some files (Phi-3's {@code </s>}, Qwen2.5's {@code <|fim_prefix|>}) leave the flag off tokens
   * that steer the model all the same.
   */
  private static final Pattern CONTROL = Pattern.compile("</?s>|<[|｜].*[|｜]>");

  private final Map<String, String> hidden = new HashMap<>();

  private SpecialSpellings() {}

  /**
   * Changes a tokenizer's JSON in place.
   *
   * @return the new spellings
   */
  static HiddenNames hide(ObjectNode tokenizer) {
    SpecialSpellings spellings = new SpecialSpellings();
    ObjectNode model = (ObjectNode) tokenizer.get("model");
    spellings.hideAddedTokens(tokenizer.path("added_tokens"), model.path("vocab"));
    spellings.hideModelTokens(model);
    return HiddenNames.of(spellings.hidden);
  }

  private void hideAddedTokens(JsonNode addedTokens, JsonNode vocabulary) {
    String secret = UUID.randomUUID().toString();
    for (Iterator<JsonNode> rest = addedTokens.iterator(); rest.hasNext(); ) {
      JsonNode token = rest.next();
      String content = token.path("content").asText();
      if (content.isEmpty()
          || !(token.path("special").asBoolean() || CONTROL.matcher(content).matches())) {
        continue;
      }
      if (isWritten(content) && holds(vocabulary, content)) {
        rest.remove();
      } else {
        String name = // ended, so that no other begins with it
            hidden.computeIfAbsent(content, c -> secret + "-" + token.path("id").asText() + "-");
        ((ObjectNode) token).put("content", name);
        // Between letters it would not be found, and the name be encoded as text.
        ((ObjectNode) token).put("single_word", false);
      }
    }
  }

  /** Whether it is one character that texts are written with, unlike a control character. */
  private static boolean isWritten(String content) {
    if (content.codePointCount(0, content.length()) != 1) {
      return false;
    }
    return switch (Character.getType(content.codePointAt(0))) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.PRIVATE_USE,
          Character.SURROGATE,
          Character.UNASSIGNED ->
          false;
      default -> true;
    };
  }

  private static boolean holds(JsonNode vocabulary, String content) {
    if (vocabulary.isObject()) {
      return vocabulary.has(content);
    }
    for (JsonNode piece : vocabulary) {
      if (piece.path(0).asText().equals(content)) {
        return true;
      }
    }
    return false;
  }

  private void hideModelTokens(ObjectNode model) {
    if (model.get("vocab") instanceof ObjectNode vocabulary) {
      hidden.forEach(
          (content, name) -> {
            JsonNode id = vocabulary.remove(content);
            if (id != null) {
              vocabulary.set(name, id);
            }
          });
    } else if (model.get("vocab") instanceof ArrayNode pieces) {
      for (JsonNode piece : pieces) {
        String name = hidden.get(piece.path(0).asText());
        if (name != null && piece instanceof ArrayNode pieceAndScore) {
          pieceAndScore.set(0, name);
        }
      }
    }
    String unknown = hidden.get(model.path("unk_token").asText());
    if (unknown != null) {
      model.put("unk_token", unknown);
    }
    if (model.get("merges") instanceof ArrayNode merges) {
      dropMerges(merges, model.path("continuing_subword_prefix").asText(""));
    }
  }

  /** A merge is written as "left right" or as [left, right]; both name pieces that must exist. */
  private void dropMerges(ArrayNode merges, String continuingPrefix) {
    for (Iterator<JsonNode> rest = merges.iterator(); rest.hasNext(); ) {
      JsonNode merge = rest.next();
      String[] sides =
          merge.isArray()
              ? new String[] {merge.path(0).asText(), merge.path(1).asText()}
              : merge.asText().split(" ", 2);
      if (sides.length == 2 && touchesHidden(sides[0], sides[1], continuingPrefix)) {
        rest.remove();
      }
    }
  }

  private boolean touchesHidden(String left, String right, String continuingPrefix) {
    String tail =
        right.startsWith(continuingPrefix) ? right.substring(continuingPrefix.length()) : right;
    return hidden.containsKey(left) || hidden.containsKey(right) || hidden.containsKey(left + tail);
  }
}
