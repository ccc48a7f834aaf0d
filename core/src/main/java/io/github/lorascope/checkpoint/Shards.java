package io.github.lorascope.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.lorascope.json.Json;
import io.github.lorascope.json.JsonException;
import io.github.lorascope.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** The safetensors files of a folder: one, or several under an index. */
final class Shards {
  private static final String SINGLE = "model.safetensors";
  private static final String INDEX = "model.safetensors.index.json";

  /** A plain name: nothing that leads out of the folder, whatever the system. */
  private static final Pattern FILE_NAME = Pattern.compile("[\\w-][\\w.-]*\\.safetensors");

  private final Path folder;
  private final Map<String, SafetensorsFile> byTensor;

  private Shards(Path folder, Map<String, SafetensorsFile> byTensor) {
    this.folder = folder;
    this.byTensor = byTensor;
  }

  static Shards open(Path folder) {
    Path single = folder.resolve(SINGLE);
    Path index = folder.resolve(INDEX);
    if (Files.exists(single)) {
      Map<String, SafetensorsFile> byTensor = new LinkedHashMap<>();
      SafetensorsFile file = SafetensorsFile.open(single);
      file.names().forEach(name -> byTensor.put(name, file));
      return new Shards(folder, byTensor);
    }
    if (Files.exists(index)) {
      try {
        return indexed(folder, index);
      } catch (JsonException e) {
        throw new CheckpointException(e.getMessage(), e);
      }
    }
    for (String old : new String[] {"pytorch_model.bin", "pytorch_model.bin.index.json"}) {
      if (Files.exists(folder.resolve(old))) {
        throw new CheckpointException(
            folder
                + " holds "
                + old
                + " but no "
                + SINGLE
                + "; convert it to safetensors first, for example by loading it in transformers"
                + " and save_pretrained");
      }
    }
    throw new CheckpointException(folder + " holds neither " + SINGLE + " nor " + INDEX);
  }

  private static Shards indexed(Path folder, Path index) {
    JsonObject map = Json.read(index).object("weight_map");
    Map<String, SafetensorsFile> files = new TreeMap<>();
    Map<String, SafetensorsFile> byTensor = new LinkedHashMap<>();
    for (String tensor : map.names()) {
      String name = fileName(map, tensor, index);
      SafetensorsFile file =
          files.computeIfAbsent(name, shard -> shard(folder.resolve(shard), index));
      if (!file.has(tensor)) {
        throw new CheckpointException(
            index + " says that " + tensor + " is in " + name + ", but it is not");
      }
      byTensor.put(tensor, file);
    }
    for (SafetensorsFile file : files.values()) {
      for (String tensor : file.names()) {
        SafetensorsFile indexed = byTensor.get(tensor);
        if (indexed != null && indexed != file) {
          throw new CheckpointException(
              "Tensor " + tensor + " is in both " + indexed.path() + " and " + file.path());
        }
      }
    }
    return new Shards(folder, byTensor);
  }

  private static String fileName(JsonObject map, String tensor, Path index) {
    JsonNode name = map.node(tensor);
    if (!name.isTextual() || !FILE_NAME.matcher(name.textValue()).matches()) {
      throw new CheckpointException(
          index
              + ": "
              + tensor
              + " is said to be in "
              + name
              + ", which is not the name of a safetensors file in the same folder");
    }
    return name.textValue();
  }

  private static SafetensorsFile shard(Path path, Path index) {
    if (!Files.exists(path)) {
      throw new CheckpointException(
          path + " is missing, which " + index.getFileName() + " lists; download it again");
    }
    return SafetensorsFile.open(path);
  }

  Set<String> names() {
    return Collections.unmodifiableSet(byTensor.keySet());
  }

  boolean has(String name) {
    return byTensor.containsKey(name);
  }

  /** Returns the file that holds a tensor. */
  SafetensorsFile holding(String name) {
    SafetensorsFile file = byTensor.get(name);
    if (file == null) {
      throw new CheckpointException(
          folder + " has no tensor " + name + NearNames.hint(name, names()));
    }
    return file;
  }

  TensorInfo info(String name) {
    return holding(name).info(name);
  }
}
