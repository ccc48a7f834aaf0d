package io.github.lorascope.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.lorascope.gguf.GgufException;
import io.github.lorascope.gguf.GgufFile;
import io.github.lorascope.gguf.GgufMetadata;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes of the keys {@code tokenizer.ggml.*} of a GGUF file (docs/gguf.md of ggml) the JSON that
 * Hugging Face's tokenizers read. Two of its models are known: {@code gpt2}, byte-level BPE with
 * merges, and {@code llama}, SentencePiece's BPE with scores. What the file leaves out is as in
 * llama.cpp.
 */
final class GgufTokenizer {
  private static final String PREFIX = "tokenizer.ggml.";
  private static final String SPACE = "\u2581";

  /** Published pieces have some 30; finding the divisions of very long ones would take forever. */
  private static final int MAX_PIECE = 1024;

  private final GgufMetadata keys;
  private final boolean sentencePiece;
  private final List<String> tokens;
  private final TokenKind[] kinds;

  private enum TokenKind {
    UNDEFINED,
    NORMAL,
    UNKNOWN,
    CONTROL,
    USER_DEFINED,
    UNUSED,
    BYTE
  }

  private GgufTokenizer(GgufMetadata keys) {
    this.keys = keys;
    String model = keys.text(PREFIX + "model");
    if (!model.equals("gpt2") && !model.equals("llama")) {
      throw refused(PREFIX + "model " + model + " is not supported; supported are gpt2 and llama");
    }
    this.sentencePiece = model.equals("llama");
    this.tokens = keys.texts(PREFIX + "tokens");
    this.kinds = kinds();
  }

  static ObjectNode read(Path file) {
    try {
      return new GgufTokenizer(GgufFile.open(file).metadata()).json();
    } catch (GgufException e) {
      throw new TokenizerException(e.getMessage(), e);
    }
  }

  private TokenKind[] kinds() {
    TokenKind[] found = new TokenKind[tokens.size()];
    String key = PREFIX + "token_type";
    if (!keys.has(key)) {
      for (int id = 0; id < found.length; id++) {
        found[id] = TokenKind.NORMAL;
      }
      for (String special : List.of("bos_token_id", "eos_token_id", "unknown_token_id")) {
        if (keys.has(PREFIX + special)) {
          found[id(special, 0)] = TokenKind.CONTROL;
        }
      }
      return found;
    }
    int[] numbers = keys.integers(key);
    if (numbers.length != found.length) {
      throw refused(key + " has " + numbers.length + " numbers for " + found.length + " tokens");
    }
    for (int id = 0; id < found.length; id++) {
      if (numbers[id] < 0 || numbers[id] >= TokenKind.values().length) {
        throw refused(key + " has the unknown kind " + numbers[id]);
      }
      found[id] = TokenKind.values()[numbers[id]];
    }
    return found;
  }

  private ObjectNode json() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.set("added_tokens", addedTokens());
    ObjectNode model = json.putObject("model").put("type", "BPE");
    model.set("vocab", vocabulary());
    boolean addsBeginning;
    if (sentencePiece) {
      model
          .put("unk_token", tokens.get(id("unknown_token_id", 0)))
          .put("fuse_unk", true)
          .put("byte_fallback", true)
          .set("merges", hasMergesAlone() ? merges() : mergesOfScores());
      json.set("normalizer", spaces());
      addsBeginning = true;
    } else {
      PreTokenizer cuts = PreTokenizer.named(keys.text(PREFIX + "pre", "default"), keys.source());
      model.put("ignore_merges", cuts.ignoresMerges()).set("merges", merges());
      json.set("normalizer", cuts.normalizer());
      json.set("pre_tokenizer", cuts.json());
      addsBeginning = cuts.addsBeginning();
    }
    addTemplate(
        json,
        keys.bool(PREFIX + "add_bos_token", addsBeginning),
        keys.bool(PREFIX + "add_eos_token", false));
    return json;
  }

  private ObjectNode vocabulary() {
    ObjectNode vocabulary = JsonNodeFactory.instance.objectNode();
    for (int id = 0; id < tokens.size(); id++) {
      JsonNode other = vocabulary.get(tokens.get(id));
      if (other != null) {
        throw refused(
            "tokens "
                + other
                + " and "
                + id
                + " are both \""
                + tokens.get(id)
                + "\"; it is damaged");
      }
      vocabulary.put(tokens.get(id), id);
    }
    return vocabulary;
  }

  /** Tokens that are looked for before a text is cut. */
  private ArrayNode addedTokens() {
    ArrayNode added = JsonNodeFactory.instance.arrayNode();
    for (int id = 0; id < kinds.length; id++) {
      boolean special = kinds[id] == TokenKind.CONTROL || kinds[id] == TokenKind.UNKNOWN;
      if (special || kinds[id] == TokenKind.USER_DEFINED) {
        added
            .addObject()
            .put("id", id)
            .put("content", tokens.get(id))
            .put("single_word", false)
            .put("lstrip", false)
            .put("rstrip", swallowsSpaces(id))
            .put("normalized", false)
            .put("special", special);
      }
    }
    return added;
  }

  /** Phi-3's file has that flag, which GGUF does not; llama.cpp knows it by the model, too. */
  private boolean swallowsSpaces(int id) {
    return sentencePiece
        && keys.text("general.architecture", "").equals("phi3")
        && kinds[id] != TokenKind.USER_DEFINED
        && !List.of("<unk>", "<s>", "<|endoftext|>").contains(tokens.get(id));
  }

  private ArrayNode merges() {
    ArrayNode merges = JsonNodeFactory.instance.arrayNode();
    for (String merge : keys.texts(PREFIX + "merges")) {
      int space = merge.indexOf(' ', 1);
      if (space < 0) {
        throw refused("the merge \"" + merge + "\" is not two pieces with a space between");
      }
      merges.addArray().add(merge.substring(0, space)).add(merge.substring(space + 1));
    }
    return merges;
  }

  /** What text is joined to; the others are found before it is cut, or stand for bytes. */
  private static boolean isPiece(TokenKind kind) {
    return switch (kind) {
      case NORMAL, UNUSED, UNDEFINED -> true;
      case UNKNOWN, CONTROL, USER_DEFINED, BYTE -> false;
    };
  }

  /** Some converters write merges for SentencePiece too; the scores are its own. */
  private boolean hasMergesAlone() {
    return keys.has(PREFIX + "merges") && !keys.has(PREFIX + "scores");
  }

  private ArrayNode mergesOfScores() {
    float[] scores = keys.floats(PREFIX + "scores");
    if (scores.length != tokens.size()) {
      throw refused(
          PREFIX + "scores has " + scores.length + " numbers for " + tokens.size() + " tokens");
    }
    Map<String, Float> pieces = new LinkedHashMap<>();
    for (int id = 0; id < scores.length; id++) {
      if (isPiece(kinds[id])) {
        if (tokens.get(id).length() > MAX_PIECE) {
          throw refused(
              "token " + id + " has " + tokens.get(id).length() + " characters; it is damaged");
        }
        pieces.put(tokens.get(id), scores[id]);
      }
    }
    ArrayNode merges = JsonNodeFactory.instance.arrayNode();
    for (SentencePieceMerges.Merge merge : SentencePieceMerges.of(pieces, keys.source())) {
      merges.addArray().add(merge.left()).add(merge.right());
    }
    return merges;
  }

  /** Spaces are pieces' beginnings, and a text begins with one. */
  private ObjectNode spaces() {
    ObjectNode sequence = JsonNodeFactory.instance.objectNode().put("type", "Sequence");
    ArrayNode steps = sequence.putArray("normalizers");
    if (keys.bool(PREFIX + "add_space_prefix", true)) {
      steps.addObject().put("type", "Prepend").put("prepend", SPACE);
    }
    steps
        .addObject()
        .put("type", "Replace")
        .put("content", SPACE)
        .putObject("pattern")
        .put("String", " ");
    return sequence;
  }

  private void addTemplate(ObjectNode json, boolean beginning, boolean end) {
    if (!beginning && !end) {
      return;
    }
    ObjectNode template = json.putObject("post_processor").put("type", "TemplateProcessing");
    ArrayNode single = template.putArray("single");
    ObjectNode specials = template.putObject("special_tokens");
    if (beginning) {
      addSpecial(single, specials, id("bos_token_id", 1));
    }
    addSequence(single, "A", 0);
    if (end) {
      addSpecial(single, specials, id("eos_token_id", 2));
    }
    ArrayNode pair = template.putArray("pair");
    addSequence(pair, "A", 0);
    addSequence(pair, "B", 1);
  }

  private void addSpecial(ArrayNode template, ObjectNode specials, int id) {
    String token = tokens.get(id);
    template.addObject().putObject("SpecialToken").put("id", token).put("type_id", 0);
    ObjectNode special = specials.putObject(token).put("id", token);
    special.putArray("ids").add(id);
    special.putArray("tokens").add(token);
  }

  private static void addSequence(ArrayNode template, String name, int type) {
    template.addObject().putObject("Sequence").put("id", name).put("type_id", type);
  }

  /** The id of a special token; only SentencePiece's have places of their own. */
  private int id(String key, int absent) {
    int id = sentencePiece ? keys.integer(PREFIX + key, absent) : keys.integer(PREFIX + key);
    if (id < 0 || id >= tokens.size()) {
      throw refused(PREFIX + key + " " + id + " is none of " + tokens.size() + " tokens");
    }
    return id;
  }

  private TokenizerException refused(String what) {
    return new TokenizerException(keys.source() + ": " + what);
  }
}
