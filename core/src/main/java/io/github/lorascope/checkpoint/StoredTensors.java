package io.github.lorascope.checkpoint;

import io.github.lorascope.weights.Weight;
import io.github.lorascope.weights.WeightForm;
import java.util.Set;

/** The tensors of a checkpoint in one of its forms, asked for by the names of Hugging Face. */
interface StoredTensors {
  /** Names as the files have them. */
  Set<String> names();

  boolean has(String name);

  WeightForm form(String name);

  Weight matrix(String name, int rows, int columns);

  float[] vector(String name, int size);
}
