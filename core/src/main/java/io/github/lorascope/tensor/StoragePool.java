package io.github.lorascope.tensor;

/** Where a backend gets the memory of its tensors. Thread-safe. */
public interface StoragePool {
  /**
   * Takes memory; what it holds is undefined.
   *
   * @param size how many numbers
   * @param label what it is for, for messages
   * @return the memory
   * @throws MemoryCapException if there is not so much
   */
  Storage take(long size, String label);

  /**
   * Takes memory for numbers that the backend may round to bfloat16, where it computes with such;
   * others are not rounded, and this is {@link #take}.
   *
   * @param size how many numbers
   * @param label what it is for, for messages
   * @return the memory
   * @throws MemoryCapException if there is not so much
   */
  default Storage takeRounded(long size, String label) {
    return take(size, label);
  }

  /**
   * Gives memory back.
   *
   * @param storage what {@link #take} returned
   */
  void give(Storage storage);

  /**
   * Returns the account that counts it.
   *
   * @return the account
   */
  MemoryAccount account();
}
