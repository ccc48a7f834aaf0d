package io.github.lorascope.lora;

import io.github.lorascope.checkpoint.DataType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How the tensors of a model are divided into files, by the names of transformers.
 *
 * @param files the tensors of each file; one at least
 * @param type what their numbers are kept as
 */
record MergedShards(List<List<MergedTensor>> files, DataType type) {
  static final String INDEX = "model.safetensors.index.json";

  /** Fills one file after the other; a tensor larger than a file may be has one of its own. */
  static MergedShards of(List<MergedTensor> tensors, DataType type, long fileBytes) {
    List<List<MergedTensor>> files = new ArrayList<>();
    List<MergedTensor> file = new ArrayList<>();
    long bytes = 0;
    for (MergedTensor tensor : tensors) {
      if (!file.isEmpty() && bytes + tensor.bytes(type) > fileBytes) {
        files.add(file);
        file = new ArrayList<>();
        bytes = 0;
      }
      file.add(tensor);
      bytes += tensor.bytes(type);
    }
    files.add(file);
    return new MergedShards(files, type);
  }

  boolean indexed() {
    return files.size() > 1;
  }

  String name(int file) {
    return indexed()
        ? String.format(Locale.ROOT, "model-%05d-of-%05d.safetensors", file + 1, files.size())
        : "model.safetensors";
  }

  /** All numbers of all files. */
  long bytes() {
    return files.stream().flatMap(List::stream).mapToLong(t -> t.bytes(type)).sum();
  }

  Map<String, Object> index() {
    Map<String, String> names = new LinkedHashMap<>();
    for (int file = 0; file < files.size(); file++) {
      for (MergedTensor tensor : files.get(file)) {
        names.put(tensor.name(), name(file));
      }
    }
    Map<String, Object> index = new LinkedHashMap<>();
    index.put("metadata", Map.of("total_size", bytes()));
    index.put("weight_map", names);
    return index;
  }
}
