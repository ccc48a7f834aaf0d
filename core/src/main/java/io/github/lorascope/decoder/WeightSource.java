package io.github.lorascope.decoder;

import io.github.lorascope.checkpoint.ModelConfig;
import io.github.lorascope.weights.Weight;

/** Where a decoder's weights come from; names are those of a Hugging Face checkpoint. */
interface WeightSource {
  ModelConfig config();

  boolean has(String name);

  Weight matrix(String name, int rows, int columns);

  float[] vector(String name, int size);
}
