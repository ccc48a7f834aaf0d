package io.github.lorascope.checkpoint;

import java.nio.file.Path;
import java.util.List;

/**
 * The shape of a decoder, as config.json of a Hugging Face folder or the keys of a GGUF file give
 * it. All numbers have been checked to be positive, plausible and consistent.
 *
 * @param type architecture
 * @param vocabularySize rows of the embedding
 * @param hiddenSize width of the residual stream
 * @param intermediateSize width inside the MLP
 * @param layers number of decoder layers
 * @param heads number of query heads
 * @param keyValueHeads number of key and value heads; divides the query heads
 * @param headDimension width of one head, even
 * @param maxPositions longest sequence that the model was made for, in tokens
 * @param rmsNormEpsilon what RMSNorm adds to the mean square
 * @param rotary rotary position embedding
 * @param windows for each layer how many positions back attention sees, the own included; 0 sees
 *     all
 * @param tiedEmbeddings whether the language model head is the embedding
 * @param queryKeyNorm whether each head of queries and of keys is normalized before it is rotated
 * @param queryKeyValueBias whether query, key and value projections have biases
 * @param outputBias whether the attention output projection has one
 * @param mlpBias whether the MLP projections have biases
 */
public record ModelConfig(
    ModelType type,
    int vocabularySize,
    int hiddenSize,
    int intermediateSize,
    int layers,
    int heads,
    int keyValueHeads,
    int headDimension,
    int maxPositions,
    float rmsNormEpsilon,
    RotaryEmbedding rotary,
    List<Integer> windows,
    boolean tiedEmbeddings,
    boolean queryKeyNorm,
    boolean queryKeyValueBias,
    boolean outputBias,
    boolean mlpBias) {
  /** Copies the windows. */
  public ModelConfig {
    windows = List.copyOf(windows);
    if (windows.size() != layers) {
      throw new IllegalArgumentException(windows.size() + " windows for " + layers + " layers");
    }
  }

  /**
   * Reads a config.json, written by transformers 4 or 5.
   *
   * @param file the file
   * @return the shape
   * @throws CheckpointException if it cannot be read, lacks a number, holds an impossible one, or
   *     asks for something that is not supported
   */
  public static ModelConfig read(Path file) {
    return ConfigReader.read(file);
  }

  /**
   * Returns how far back the attention of a layer sees.
   *
   * @param layer the layer, from 0
   * @return the number of positions, the own included; 0 if it sees all
   */
  public int window(int layer) {
    return windows.get(layer);
  }

  /**
   * Returns the outputs of the query projection.
   *
   * @return heads x head dimension
   */
  public int queryWidth() {
    return heads * headDimension;
  }

  /**
   * Returns the outputs of the key projection, and of the value projection.
   *
   * @return key and value heads x head dimension
   */
  public int keyValueWidth() {
    return keyValueHeads * headDimension;
  }
}
