package io.github.lorascope.checkpoint;

import io.github.lorascope.weights.Weight;
import io.github.lorascope.weights.WeightForm;
import java.util.Objects;

/**
 * The rows of a query or key projection in the order of Hugging Face. llama.cpp turns neighbouring
 * numbers of a head together, where Hugging Face turns number i with number i + width / 2, so that
 * its files hold the rows of each head interleaved ({@code permute} in convert_hf_to_gguf.py).
 *
 * @param whole the projection as llama.cpp stores it
 * @param headWidth rows of one head, even
 */
record PermutedRows(Weight whole, int headWidth) implements Weight {
  /** Finds where llama.cpp puts a row, or an element of a bias. */
  static int stored(int row, int headWidth) {
    int within = row % headWidth;
    int half = headWidth / 2;
    return row - within + within % half * 2 + within / half;
  }

  @Override
  public int rows() {
    return whole.rows();
  }

  @Override
  public int columns() {
    return whole.columns();
  }

  @Override
  public String name() {
    return whole.name();
  }

  @Override
  public WeightForm form() {
    return whole.form();
  }

  @Override
  public long bytes() {
    return whole.bytes();
  }

  @Override
  public void read(int from, int to, float[] target, int offset) {
    Objects.checkFromToIndex(from, to, rows());
    for (int row = from; row < to; row++) {
      int stored = stored(row, headWidth);
      whole.read(stored, stored + 1, target, offset + (row - from) * columns());
    }
  }
}
