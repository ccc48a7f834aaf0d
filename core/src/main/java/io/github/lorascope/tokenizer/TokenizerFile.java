package io.github.lorascope.tokenizer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.lorascope.io.AtomicFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Finds and reads a model folder's {@code tokenizer.json}, or what a GGUF file has of it. */
final class TokenizerFile {
  private static final String NAME = "tokenizer.json";
  private static final String SETTINGS = "tokenizer_config.json";

  /** The largest ones published (vocabularies of 262,144) have 34 MB. */
  private static final long MAX_BYTES = 256L << 20;

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private TokenizerFile() {}

  /** The file itself where that is what is given. */
  static Path in(Path folder) {
    if (Files.isRegularFile(folder)) {
      return folder;
    }
    Path file = folder.resolve(NAME);
    if (Files.isRegularFile(file)) {
      return file;
    }
    if (!Files.isDirectory(folder)) {
      throw new TokenizerException(
          folder + " is not a folder; give the model's folder or its GGUF file");
    }
    for (String other : new String[] {"tokenizer.model", "vocab.json", "vocab.txt"}) {
      if (Files.exists(folder.resolve(other))) {
        throw new TokenizerException(
            folder
                + " has "
                + other
                + " but no "
                + NAME
                + ", the one form that is read here. Make it in Python: from transformers import"
                + " AutoTokenizer; AutoTokenizer.from_pretrained('"
                + folder
                + "', use_fast=True).save_pretrained('"
                + folder
                + "')");
      }
    }
    throw new TokenizerException(
        folder + " has no " + NAME + "; copy the one that belongs to the model into it");
  }

  static ObjectNode read(Path file) {
    ObjectNode json = file.endsWith(NAME) ? parse(file) : GgufTokenizer.read(file);
    Optional<String> fault = NativeAborts.find(json);
    if (fault.isPresent()) {
      throw unusable(file, fault.get(), null);
    }
    ExpressionAborts.forbidEmptyMatches(json.path("normalizer"));
    return json;
  }

  /** The file as it is, or what a GGUF file has of it. */
  static void copy(Path path, Path folder) {
    Path file = in(path);
    if (!file.endsWith(NAME)) {
      AtomicFiles.writeString(folder.resolve(NAME), read(file).toString());
      return;
    }
    AtomicFiles.write(folder.resolve(NAME), out -> Files.copy(file, out));
    Path settings = file.resolveSibling(SETTINGS);
    if (Files.isRegularFile(settings)) {
      AtomicFiles.write(folder.resolve(SETTINGS), out -> Files.copy(settings, out));
    }
  }

  private static ObjectNode parse(Path file) {
    try {
      long size = Files.size(file);
      if (size > MAX_BYTES) {
        throw new TokenizerException(
            file + " has " + size + " bytes, more than a tokenizer's file can have; replace it");
      }
      JsonNode root = JSON.readTree(Files.readAllBytes(file));
      if (root instanceof ObjectNode object
          && object.get("model") instanceof ObjectNode model
          && (!object.hasNonNull("added_tokens") || object.get("added_tokens").isArray())) {
        model.remove("dropout"); // for training a tokenizer's model: other tokens each time
        return object;
      }
      throw unusable(file, "it has no object \"model\", or its \"added_tokens\" is no list", null);
    } catch (JsonProcessingException e) {
      throw unusable(file, "it is not JSON: " + e.getOriginalMessage(), e);
    } catch (OutOfMemoryError e) {
      throw unusable(file, "it takes more memory to read than Java has free", e);
    } catch (IOException e) {
      throw new TokenizerException("cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  static TokenizerException unusable(Path file, String why, Throwable cause) {
    return new TokenizerException(
        file + " is not a usable tokenizer: " + why + ". Download it again", cause);
  }
}
