package io.github.lorascope.checkpoint;

import io.github.lorascope.json.Json;
import io.github.lorascope.json.JsonException;
import io.github.lorascope.json.JsonObject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The JSON header of a safetensors file, checked as the official library checks it: the tensors
 * cover the data from its first byte to its last, without holes or overlaps, and each has exactly
 * the bytes of its shape.
 *
 * @param tensors by name, in the order of their bytes
 * @param metadata free texts of the writer
 */
record SafetensorsHeader(Map<String, TensorInfo> tensors, Map<String, String> metadata) {
  private static final String METADATA = "__metadata__";

  static SafetensorsHeader parse(byte[] json, long dataBytes, String file) {
    try {
      JsonObject header = Json.parse(json, file + " (header)");
      return new SafetensorsHeader(tensors(header, dataBytes, file), metadata(header));
    } catch (JsonException e) {
      throw new CheckpointException(e.getMessage(), e);
    }
  }

  private static Map<String, TensorInfo> tensors(JsonObject header, long dataBytes, String file) {
    List<Map.Entry<String, TensorInfo>> found = new ArrayList<>();
    for (String name : header.names()) {
      if (!name.equals(METADATA)) {
        found.add(Map.entry(name, tensor(header.object(name), file + ": tensor " + name)));
      }
    }
    found.sort(
        Comparator.comparingLong((Map.Entry<String, TensorInfo> e) -> e.getValue().begin())
            .thenComparingLong(e -> e.getValue().end()));
    Map<String, TensorInfo> tensors = new LinkedHashMap<>();
    long covered = 0;
    for (Map.Entry<String, TensorInfo> entry : found) {
      TensorInfo tensor = entry.getValue();
      String where = file + ": tensor " + entry.getKey();
      if (tensor.end() > dataBytes) {
        throw new CheckpointException(
            where
                + " ends at byte "
                + tensor.end()
                + " of the data, but there are only "
                + dataBytes
                + "; the file is cut off or damaged");
      }
      if (tensor.begin() != covered) {
        throw new CheckpointException(
            where
                + " begins at byte "
                + tensor.begin()
                + " of the data instead of "
                + covered
                + (tensor.begin() < covered ? ": it overlaps another" : ": there is a hole"));
      }
      covered = tensor.end();
      tensors.put(entry.getKey(), tensor);
    }
    if (covered != dataBytes) {
      throw new CheckpointException(
          file + " has " + (dataBytes - covered) + " bytes after its last tensor");
    }
    return tensors;
  }

  private static TensorInfo tensor(JsonObject entry, String where) {
    DataType type = DataType.named(entry.string("dtype"), where);
    List<Long> shape = entry.longs("shape");
    List<Long> offsets = entry.longs("data_offsets");
    if (offsets.size() != 2 || offsets.get(0) < 0 || offsets.get(1) < offsets.get(0)) {
      throw new CheckpointException(where + " has the impossible data_offsets " + offsets);
    }
    long expected = bytes(type, shape, where);
    long actual = offsets.get(1) - offsets.get(0);
    if (expected != actual) {
      throw new CheckpointException(
          where
              + " has "
              + actual
              + " bytes, but "
              + type
              + " of shape "
              + shape
              + " takes "
              + expected);
    }
    return new TensorInfo(type, shape, offsets.get(0), offsets.get(1));
  }

  private static long bytes(DataType type, List<Long> shape, String where) {
    long bytes = type.bytes();
    try {
      for (long size : shape) {
        if (size < 0) {
          throw new CheckpointException(where + " has the impossible shape " + shape);
        }
        bytes = Math.multiplyExact(bytes, size);
      }
    } catch (ArithmeticException e) {
      throw new CheckpointException(where + " has the impossible shape " + shape, e);
    }
    return bytes;
  }

  private static Map<String, String> metadata(JsonObject header) {
    Map<String, String> metadata = new LinkedHashMap<>();
    if (header.has(METADATA)) {
      JsonObject texts = header.object(METADATA);
      for (String name : texts.names()) {
        metadata.put(name, texts.string(name));
      }
    }
    return metadata;
  }
}
