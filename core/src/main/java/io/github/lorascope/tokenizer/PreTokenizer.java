package io.github.lorascope.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * How a byte-level tokenizer of a GGUF file cuts a text before it looks for pieces. The file has
 * but a name for it ({@code tokenizer.ggml.pre}); what the name means is in {@code llama-vocab.cpp}
 * of llama.cpp, and the models' own files have the same.
 */
enum PreTokenizer {
  /** What llama.cpp takes a file for that has no name. */
  DEFAULT,
  GPT2,
  SMOLLM,
  LLAMA3,
  /** Phi-4's. */
  DBRX,
  QWEN2;

  private static final String GPT2_WORDS =
      "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

  static PreTokenizer named(String name, String source) {
    return switch (name) {
      case "default" -> DEFAULT;
      case "gpt-2" -> GPT2;
      case "smollm" -> SMOLLM;
      case "llama-bpe", "llama3", "llama-v3" -> LLAMA3;
      case "dbrx" -> DBRX;
      case "qwen2" -> QWEN2;
      default ->
          throw new TokenizerException(
              source
                  + ": tokenizer.ggml.pre "
                  + name
                  + " is not supported; supported are default, gpt-2, smollm, llama-bpe, dbrx and"
                  + " qwen2. Use the model's folder as Hugging Face has it");
    };
  }

  /** What a text is cut at, one expression after the other. */
  private List<String> expressions() {
    return switch (this) {
      case DEFAULT -> List.of("[\\p{P}$+<=>^~|]+", GPT2_WORDS, "\\p{N}+", "[0-9][0-9][0-9]");
      case GPT2 -> List.of(GPT2_WORDS);
      case SMOLLM -> List.of("\\p{N}", GPT2_WORDS);
      case LLAMA3, DBRX -> List.of(words("\\p{N}{1,3}"));
      case QWEN2 -> List.of(words("\\p{N}"));
    };
  }

  private static String words(String digits) {
    return "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|"
        + digits
        + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
  }

  /** Whether a cut that is a piece as a whole stays one. */
  boolean ignoresMerges() {
    return this == LLAMA3;
  }

  /** Whether a text gets a beginning-of-sequence token where the file does not say. */
  boolean addsBeginning() {
    return this == LLAMA3;
  }

  /** The normalizer of Hugging Face's tokenizers; null for none. */
  JsonNode normalizer() {
    return this == QWEN2 ? JsonNodeFactory.instance.objectNode().put("type", "NFC") : null;
  }

  /** The pre-tokenizer of Hugging Face's tokenizers. */
  ObjectNode json() {
    ObjectNode sequence = JsonNodeFactory.instance.objectNode().put("type", "Sequence");
    ArrayNode steps = sequence.putArray("pretokenizers");
    for (String expression : expressions()) {
      ObjectNode split =
          steps.addObject().put("type", "Split").put("behavior", "Isolated").put("invert", false);
      split.putObject("pattern").put("Regex", expression);
    }
    steps
        .addObject()
        .put("type", "ByteLevel")
        .put("add_prefix_space", false)
        .put("trim_offsets", true)
        .put("use_regex", false);
    return sequence;
  }
}
