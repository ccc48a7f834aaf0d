package io.github.lorascope.decoder;

import io.github.lorascope.checkpoint.Checkpoint;
import io.github.lorascope.checkpoint.ModelConfig;
import io.github.lorascope.weights.Weight;

/** The weights of a checkpoint on disk. */
record CheckpointWeights(Checkpoint checkpoint) implements WeightSource {
  @Override
  public ModelConfig config() {
    return checkpoint.config();
  }

  @Override
  public boolean has(String name) {
    return checkpoint.has(name);
  }

  @Override
  public Weight matrix(String name, int rows, int columns) {
    return checkpoint.matrix(name, rows, columns);
  }

  @Override
  public float[] vector(String name, int size) {
    return checkpoint.vector(name, size);
  }
}
