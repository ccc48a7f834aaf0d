package io.github.lorascope.tokenizer;

import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.stream.StreamSupport;

/**
 * Finds added tokens that the native library (tokenizers 0.21) splits some texts wrongly at, over
 * which it ends the whole JVM: those that the normalizer leaves nothing of, and those that may
 * begin within white space that another one has taken.
 */
final class AddedTokenAborts implements AutoCloseable {
  /** Takes away texts that begin with white space. */
  private static final String NONE_LEFT = "\\A\\s[\\s\\S]*";

  private final NativeTokenizer normalizing;
  private final NativeTokenizer indented;
  private final NativeTokenizer indentedAsIs;

  private AddedTokenAborts(TokenizersLibrary library, JsonNode normalizer) {
    JsonNode none = JsonNodeFactory.instance.nullNode();
    ObjectNode split = JsonNodeFactory.instance.objectNode();
    split.put("type", "Split").put("behavior", "Removed").put("invert", false);
    split.putObject("pattern").put("Regex", NONE_LEFT);
    normalizing = new NativeTokenizer(library, probe(normalizer, none));
    indented = new NativeTokenizer(library, probe(normalizer, split));
    indentedAsIs = new NativeTokenizer(library, probe(none, split));
  }

  /**
   * Says what is wrong, or nothing.
   *
   * @param tokenizer what the library has made a tokenizer of
   */
  static Optional<String> find(TokenizersLibrary library, JsonNode tokenizer) {
    JsonNode tokens = tokenizer.path("added_tokens");
    if (tokens.isEmpty()) {
      return Optional.empty();
    }
    boolean takesWhiteSpace = any(tokens, "rstrip");
    try (AddedTokenAborts probes = new AddedTokenAborts(library, tokenizer.path("normalizer"))) {
      return StreamSupport.stream(tokens.spliterator(), false)
          .filter(token -> !token.path("content").asText().isEmpty()) // the library passes it over
          .flatMap(token -> probes.find(token, takesWhiteSpace).stream())
          .findFirst();
    }
  }

  private Optional<String> find(JsonNode token, boolean takesWhiteSpace) {
    String content = token.path("content").asText();
    boolean normalized = token.path("normalized").asBoolean();
    if (normalized && vanishes(normalizing, content)) {
      return Optional.of("its normalizer leaves nothing of the added token " + token);
    }
    return takesWhiteSpace
            && token.path("lstrip").asBoolean()
            && vanishes(normalized ? indented : indentedAsIs, content)
        ? Optional.of("its added token " + token + " may begin within another's white space")
        : Optional.empty();
  }

  private static boolean any(JsonNode tokens, String flag) {
    return StreamSupport.stream(tokens.spliterator(), false)
        .anyMatch(token -> token.path(flag).asBoolean());
  }

  private static boolean vanishes(NativeTokenizer probe, String text) {
    return probe.encode(text, false).ids().length == 0;
  }

  private static String probe(JsonNode normalizer, JsonNode preTokenizer) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.set("normalizer", normalizer.isMissingNode() ? null : normalizer);
    json.set("pre_tokenizer", preTokenizer);
    ObjectNode model = json.putObject("model").put("type", "WordLevel").put("unk_token", "u");
    model.putObject("vocab").put("u", 0);
    return json.toString();
  }

  @Override
  public void close() {
    normalizing.close();
    indented.close();
    indentedAsIs.close();
  }
}
