package io.github.lorascope.checkpoint;

import io.github.lorascope.gguf.GgufException;
import io.github.lorascope.weights.Weight;
import io.github.lorascope.weights.WeightForm;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * A model on disk: a Hugging Face folder, config.json beside model.safetensors or its shards, or a
 * GGUF file of the architectures {@code llama}, {@code phi3}, {@code qwen2} and {@code qwen3}.
 * Weights may be F32, F16 or BF16; in a folder NF4 of bitsandbytes, in a GGUF file the blocks of
 * {@link io.github.lorascope.gguf.GgufType}. Tensors go by their names in a folder, whatever the
 * file calls them, with or without the leading {@code model.}. Thread-safe; nothing has to be
 * closed.
 */
public final class Checkpoint {
  private static final String CONFIG = "config.json";

  private final Path path;
  private final ModelConfig config;
  private final StoredTensors tensors;

  private Checkpoint(Path path, ModelConfig config, StoredTensors tensors) {
    this.path = path;
    this.config = config;
    this.tensors = tensors;
  }

  /**
   * Opens a folder or a GGUF file and checks its configuration and the headers of its files.
   *
   * @param path the folder or the file
   * @return its configuration and weights
   * @throws CheckpointException if something is missing, broken or not supported
   */
  public static Checkpoint open(Path path) {
    if (Files.isRegularFile(path)) {
      try {
        GgufTensors tensors = GgufTensors.open(path);
        return new Checkpoint(path, tensors.config(), tensors);
      } catch (GgufException e) {
        throw new CheckpointException(e.getMessage(), e);
      }
    }
    if (!Files.isDirectory(path)) {
      throw new CheckpointException(
          path
              + " is no folder; give the folder that holds config.json and model.safetensors, or a"
              + " GGUF file");
    }
    Path config = path.resolve(CONFIG);
    if (!Files.exists(config) && Files.exists(path.resolve("adapter_config.json"))) {
      throw new CheckpointException(
          path + " is an adapter; load the model that it belongs to, and the adapter into it");
    }
    Optional<Path> gguf = Files.exists(config) ? Optional.empty() : ggufIn(path);
    if (gguf.isPresent()) {
      throw new CheckpointException(
          path + " has no config.json but " + gguf.get().getFileName() + "; give that file itself");
    }
    return new Checkpoint(path, ModelConfig.read(config), new FolderTensors(Shards.open(path)));
  }

  private static Optional<Path> ggufIn(Path folder) {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.gguf")) {
      for (Path file : files) {
        return Optional.of(file);
      }
      return Optional.empty();
    } catch (IOException e) {
      throw new CheckpointException("Cannot read " + folder + ": " + e.getMessage(), e);
    }
  }

  /**
   * Returns where it lies.
   *
   * @return the folder, or the GGUF file
   */
  public Path path() {
    return path;
  }

  /**
   * Returns the shape of the model.
   *
   * @return what config.json or the GGUF file's metadata say
   */
  public ModelConfig config() {
    return config;
  }

  /**
   * Returns what is stored.
   *
   * @return the names of all tensors as they are in the files, tables of quantization included
   */
  public Set<String> names() {
    return tensors.names();
  }

  /**
   * Tells whether a tensor is there.
   *
   * @param name the tensor, as in a folder
   * @return whether {@link #matrix} or {@link #vector} can find it
   */
  public boolean has(String name) {
    return tensors.has(name);
  }

  /**
   * Tells the form that a matrix is stored in, without reading its numbers.
   *
   * @param name the tensor, as in a folder
   * @return the form
   * @throws CheckpointException if it is missing or of an unsupported kind
   */
  public WeightForm form(String name) {
    try {
      return tensors.form(name);
    } catch (GgufException e) {
      throw new CheckpointException(e.getMessage(), e);
    }
  }

  /**
   * Returns a matrix in the form that it is stored in, mapped from its file and checked to be
   * finite. Rows are in the order of a folder: what llama.cpp interchanged is put back.
   *
   * @param name the tensor, as in a folder
   * @param rows rows that it has to have
   * @param columns columns that it has to have
   * @return the weight, named as in the file
   * @throws CheckpointException if it is missing, of another shape or an unsupported kind, or holds
   *     NaN or infinity
   */
  public Weight matrix(String name, int rows, int columns) {
    try {
      return tensors.matrix(name, rows, columns);
    } catch (GgufException e) {
      throw new CheckpointException(e.getMessage(), e);
    }
  }

  /**
   * Returns a vector as float32, checked to be finite.
   *
   * @param name the tensor, as in a folder
   * @param size elements that it has to have
   * @return the numbers
   * @throws CheckpointException if it is missing, of another shape or kind, or holds NaN or
   *     infinity
   */
  public float[] vector(String name, int size) {
    try {
      return tensors.vector(name, size);
    } catch (GgufException e) {
      throw new CheckpointException(e.getMessage(), e);
    }
  }
}
