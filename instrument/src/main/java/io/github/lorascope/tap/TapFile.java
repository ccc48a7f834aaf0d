package io.github.lorascope.tap;

import io.github.lorascope.checkpoint.CheckpointException;
import io.github.lorascope.checkpoint.DataType;
import io.github.lorascope.checkpoint.SafetensorsFile;
import io.github.lorascope.checkpoint.SafetensorsWriter;
import io.github.lorascope.checkpoint.TensorInfo;
import io.github.lorascope.json.Json;
import io.github.lorascope.json.JsonException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** A safetensors file that a tap wrote, read with a complaint for all that is not as it should. */
final class TapFile {
  private static final String PROVENANCE = "provenance";

  private final SafetensorsFile file;
  private final String what;

  private TapFile(SafetensorsFile file, String what) {
    this.file = file;
    this.what = what;
  }

  /** Opens a file; what it is has to hold is named for messages. */
  static TapFile open(Path path, String what) {
    try {
      return new TapFile(SafetensorsFile.open(path), what);
    } catch (CheckpointException e) {
      throw new TapException("Cannot read " + what + ": " + e.getMessage(), e);
    }
  }

  static void addProvenance(SafetensorsWriter writer, Map<String, String> provenance) {
    writer.metadata(PROVENANCE, Json.write(new TreeMap<>(provenance)));
  }

  /** What to throw where the file is sound but holds something else. */
  TapException foreign(String reason) {
    return new TapException(file.path() + " does not hold " + what + ": " + reason);
  }

  Path path() {
    return file.path();
  }

  Set<String> names() {
    return file.names();
  }

  List<Long> shape(String name) {
    return info(name).shape();
  }

  long[] longs(String name) {
    TensorInfo info = info(name);
    if (info.type() != DataType.I64 || info.shape().size() != 1) {
      throw foreign(name + " is " + info.type() + " " + info.shape() + ", not a row of I64");
    }
    long[] values = new long[Math.toIntExact(info.elements())];
    file.data(name).asLongBuffer().get(values);
    return values;
  }

  float[] floats(String name, long... shape) {
    require(name, shape);
    return file.floats(name);
  }

  /** Reads a part of a tensor that was found to be as it has to be. */
  float[] part(String name, long first, int count) {
    try {
      return file.floats(name, first, count);
    } catch (CheckpointException e) {
      throw new TapException(e.getMessage(), e);
    }
  }

  void require(String name, long... shape) {
    TensorInfo info = info(name);
    List<Long> expected = Arrays.stream(shape).boxed().toList();
    if (info.type() != DataType.F32 || !info.shape().equals(expected)) {
      throw foreign(name + " is " + info.type() + " " + info.shape() + ", not F32 " + expected);
    }
  }

  String text(String name) {
    String text = file.metadata().get(name);
    if (text == null) {
      throw foreign("its metadata has no " + name);
    }
    return text;
  }

  Map<String, String> provenance() {
    try {
      return Json.parse(text(PROVENANCE), file.path() + " (provenance)").texts();
    } catch (JsonException e) {
      throw foreign(e.getMessage());
    }
  }

  private TensorInfo info(String name) {
    if (!file.has(name)) {
      throw foreign("it has no tensor " + name);
    }
    return file.info(name);
  }
}
