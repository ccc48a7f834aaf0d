package io.github.lorascope.probe;

import io.github.lorascope.checkpoint.SafetensorsFile;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.List;

/**
 * States of the residual stream in a file: {@code hidden.N} [examples, hidden] of every layer N
 * that was chosen, and {@code labels} [examples].
 */
final class StateFile {
  private static final String STATES = "hidden.";
  private static final String SUFFIX = ".safetensors";

  private final SafetensorsFile file;

  StateFile(Path path) {
    this.file = SafetensorsFile.open(path);
  }

  /** What the states are called: the file's name without its ending. */
  String name() {
    String name = file.path().getFileName().toString();
    return name.endsWith(SUFFIX) ? name.substring(0, name.length() - SUFFIX.length()) : name;
  }

  /** The layers that there are states of, ascending. */
  List<Integer> layers() {
    return file.names().stream()
        .filter(tensor -> tensor.matches("hidden\\.\\d{1,6}"))
        .map(tensor -> Integer.valueOf(tensor.substring(STATES.length())))
        .sorted()
        .toList();
  }

  long[] labels() {
    LongBuffer data = file.data("labels").asLongBuffer();
    long[] labels = new long[data.remaining()];
    data.get(labels);
    return labels;
  }

  /** The states behind a number of layers [examples][hidden]. */
  float[][] states(int layer) {
    List<Long> shape = file.info(STATES + layer).shape();
    float[] flat = file.floats(STATES + layer);
    if (shape.size() != 2) {
      throw new ProbeException(
          file.path() + ": tensor " + STATES + layer + " is no matrix of examples by numbers");
    }
    int width = Math.toIntExact(shape.get(1));
    float[][] states = new float[Math.toIntExact(shape.get(0))][width];
    for (int i = 0; i < states.length; i++) {
      System.arraycopy(flat, i * width, states[i], 0, width);
    }
    return states;
  }
}
