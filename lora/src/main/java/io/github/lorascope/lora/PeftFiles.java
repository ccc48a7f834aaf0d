package io.github.lorascope.lora;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.lorascope.checkpoint.ModelConfig;
import io.github.lorascope.checkpoint.SafetensorsFile;
import io.github.lorascope.checkpoint.SafetensorsStream;
import io.github.lorascope.checkpoint.SafetensorsWriter;
import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.io.AtomicFiles;
import io.github.lorascope.io.FileWriteException;
import io.github.lorascope.json.Json;
import io.github.lorascope.prompt.PromptException;
import io.github.lorascope.prompt.PromptSettings;
import io.github.lorascope.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** PEFT's adapter_config.json and adapter_model.safetensors. */
final class PeftFiles {
  static final String HEAD = "base_model.model.score.weight";
  private static final String TENSORS = "adapter_model.safetensors";

  private PeftFiles() {}

  /** Where the tensors of an adapter lie. */
  static Path tensors(Path folder) {
    return folder.resolve(TENSORS);
  }

  static LoraConfig readConfig(Path folder) {
    return PeftConfig.read(Json.read(folder.resolve(PeftConfig.FILE)));
  }

  /** Places the matrices that a folder's configuration asks for. */
  static AdapterLayout layout(Path folder, ModelConfig model, LoraConfig config) {
    try {
      return AdapterLayout.stored(model, config);
    } catch (AdapterException e) {
      throw new AdapterException(folder.resolve(PeftConfig.FILE) + ": " + e.getMessage(), e);
    }
  }

  /**
   * The matrices that a layout wants, by name; a head that was not to be saved is that of the base
   * model.
   */
  static Map<String, float[]> readTensors(
      Path folder, SafetensorsFile file, AdapterLayout layout, Optional<Tensor> baseHead) {
    Path path = file.path();
    Map<String, String> stored = new LinkedHashMap<>();
    for (String name : file.names()) {
      if (stored.put(name.replace(".modules_to_save.", "."), name) != null) {
        throw new AdapterException(path + ": the tensor " + name + " is there twice");
      }
    }
    Map<String, float[]> values = new LinkedHashMap<>();
    for (AdapterLayout.Path at : layout.paths()) {
      String a = at.key() + ".lora_A.weight";
      String b = at.key() + ".lora_B.weight";
      values.put(a, read(file, path, stored, a, layout.rank(), at.module().inputs()));
      values.put(b, read(file, path, stored, b, at.module().outputs(), layout.rank()));
    }
    if (stored.containsKey(HEAD)) {
      values.put(HEAD, read(file, path, stored, HEAD, layout.labels(), layout.hidden()));
    } else if (PeftConfig.savesHead(Json.read(folder.resolve(PeftConfig.FILE)))) {
      throw new AdapterException(
          path + " lacks the tensor " + HEAD + ", which its modules_to_save asks for");
    } else {
      Tensor head =
          baseHead.orElseThrow(
              () ->
                  new AdapterException(
                      path
                          + " has no classification head ("
                          + HEAD
                          + "), and neither has the base model (score.weight): save the adapter with"
                          + " modules_to_save = [\"score\"]"));
      values.put(HEAD, head.toArray());
    }
    Set<String> extra = new TreeSet<>(stored.keySet());
    extra.removeAll(values.keySet());
    if (!extra.isEmpty()) {
      throw new AdapterException(
          path
              + " has "
              + extra.size()
              + " tensors that its configuration has no place for, such as "
              + extra.iterator().next()
              + ": was it made for another model?");
    }
    return values;
  }

  private static float[] read(
      SafetensorsFile file,
      Path path,
      Map<String, String> stored,
      String name,
      int rows,
      int columns) {
    String storedName = stored.get(name);
    if (storedName == null) {
      throw new AdapterException(
          path + " lacks the tensor " + name + ": was it made for another model?");
    }
    List<Long> shape = file.info(storedName).shape();
    if (!shape.equals(List.of((long) rows, (long) columns))) {
      throw new AdapterException(
          path
              + ": the tensor "
              + name
              + " is "
              + shape
              + ", but this model and its rank need ["
              + rows
              + ", "
              + columns
              + "]: was it made for another model?");
    }
    float[] values = file.floats(storedName);
    for (float value : values) {
      if (!Float.isFinite(value)) {
        throw new AdapterException(path + ": the tensor " + name + " holds " + value);
      }
    }
    return values;
  }

  /** How the adapter was asked in its training, where its tensors' metadata say so. */
  static Optional<PromptSettings> readPrompt(SafetensorsFile file) {
    try {
      return PromptSettings.of(file.metadata());
    } catch (PromptException e) {
      throw new AdapterException(file.path() + ", metadata: " + e.getMessage(), e);
    }
  }

  /** The configuration comes last, so that a folder that has one is whole. */
  static void write(
      Path folder,
      LoraConfig config,
      AdapterLayout layout,
      Tensor parameters,
      Decoder base,
      Map<String, String> provenance) {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("format", "pt"); // what PEFT and transformers look for
    metadata.putAll(provenance);
    SafetensorsWriter writer = new SafetensorsWriter();
    layout
        .named(parameters)
        .forEach((name, t) -> writer.f32(name, t.toArray(), t.rows(), t.columns()));
    metadata.forEach(writer::metadata);
    Path file = folder.resolve(PeftConfig.FILE);
    String text =
        Json.writePretty(
            PeftConfig.toJson(
                config,
                layout.targets(config),
                base.name().orElse(""),
                base.revision().orElse(null)));
    try (SafetensorsStream whole = writer.stream(tensors(folder))) {
      whole.force();
      removeOther(file, text);
      whole.commit();
    }
    AtomicFiles.writeString(file, text);
  }

  /** The tensors of one adapter beside another's configuration would be scaled by that. */
  private static void removeOther(Path file, String text) {
    try {
      if (Files.exists(file) && !Arrays.equals(Files.readAllBytes(file), text.getBytes(UTF_8))) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new FileWriteException("Cannot write " + file + ": " + e.getMessage(), e);
    }
  }
}
