package io.github.lorascope.lora;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.lorascope.checkpoint.CheckpointException;
import io.github.lorascope.checkpoint.DataType;
import io.github.lorascope.checkpoint.ModelConfig;
import io.github.lorascope.checkpoint.ModelType;
import io.github.lorascope.io.AtomicFiles;
import io.github.lorascope.json.Json;
import io.github.lorascope.json.JsonException;
import io.github.lorascope.json.JsonObject;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What a merged model's folder has beside the weights: the base's config.json, as that of a
 * classifier with the labels A and B, and the base's tokenizer and licence.
 *
 * @param base the Hugging Face folder that they come from
 * @param config its config.json
 */
record MergedFolder(Path base, JsonObject config) {
  static final String CONFIG = "config.json";

  private static final Pattern COPIED =
      Pattern.compile(
          "tokenizer\\.json|tokenizer_config\\.json|tokenizer\\.model|special_tokens_map\\.json"
              + "|added_tokens\\.json|vocab\\.json|merges\\.txt|chat_template\\.(jinja|json)"
              + "|(LICEN[CS]E|NOTICE)(\\.(txt|md))?");

  /** How the weights were stored, and code of the base that is not copied. */
  private static final List<String> LEFT_OUT =
      List.of(
          "quantization_config",
          "compression_config",
          "auto_map",
          "_name_or_path",
          "num_labels",
          "dtype",
          "torch_dtype");

  /** Reads the configuration, which must be that of the model that the adapter is on. */
  static MergedFolder of(Path base, ModelConfig model) {
    Path file = base.resolve(CONFIG);
    new SameModel(file).require(ModelConfig.read(file), model);
    try {
      return new MergedFolder(base, Json.read(file));
    } catch (JsonException e) {
      throw new CheckpointException(e.getMessage(), e);
    }
  }

  void copyInto(Path folder) {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(base, Files::isRegularFile)) {
      for (Path file : files) {
        String name = file.getFileName().toString();
        if (COPIED.matcher(name).matches()) {
          AtomicFiles.write(folder.resolve(name), out -> Files.copy(file, out));
        }
      }
    } catch (IOException e) {
      throw new CheckpointException("Cannot read " + base + ": " + e.getMessage(), e);
    }
  }

  void writeConfig(Path folder, ModelType type, DataType weights) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("architectures", List.of(architecture(type)));
    for (String name : config.names()) {
      JsonNode value = config.node(name);
      if (!LEFT_OUT.contains(name)) {
        json.putIfAbsent(name, value);
      }
    }
    Map<String, String> labels = new LinkedHashMap<>();
    labels.put("0", "A");
    labels.put("1", "B");
    Map<String, Integer> ids = new LinkedHashMap<>();
    ids.put("A", 0);
    ids.put("B", 1);
    json.put("id2label", labels);
    json.put("label2id", ids);
    json.put(
        "torch_dtype", // read by transformers 4 and 5, unlike dtype
        switch (weights) {
          case F16 -> "float16";
          case BF16 -> "bfloat16";
          default -> "float32";
        });
    AtomicFiles.writeString(folder.resolve(CONFIG), Json.writePretty(json));
  }

  private static String architecture(ModelType type) {
    String name =
        switch (type) {
          case PHI3 -> "Phi3";
          case LLAMA -> "Llama";
          case MISTRAL -> "Mistral";
          case QWEN2 -> "Qwen2";
          case QWEN3 -> "Qwen3";
        };
    return name + "ForSequenceClassification";
  }
}
