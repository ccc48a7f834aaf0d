package io.github.lorascope.tensor;

import java.util.Arrays;

/** A run of numbers in a backend's memory; each backend has its own kind. */
public interface Storage {
  /**
   * Returns how many numbers it holds.
   *
   * @return the count
   */
  long size();

  /**
   * Returns the memory it takes.
   *
   * @return the size in bytes
   */
  long bytes();

  /**
   * Reads one number.
   *
   * @param index position, from 0
   * @return the number
   */
  double get(long index);

  /**
   * Writes one number, rounded to what the storage holds.
   *
   * @param index position, from 0
   * @param value the number
   */
  void set(long index, double value);

  /**
   * Copies numbers out.
   *
   * @param index position of the first
   * @param target receives them
   * @param offset where in the target
   * @param count how many
   */
  void read(long index, float[] target, int offset, int count);

  /**
   * Copies numbers in.
   *
   * @param index position of the first
   * @param source holds them
   * @param offset where in the source
   * @param count how many
   */
  void write(long index, float[] source, int offset, int count);

  /**
   * Sets numbers to one value.
   *
   * @param index position of the first
   * @param count how many
   * @param value the value
   */
  default void fill(long index, long count, float value) {
    float[] line = new float[(int) Math.min(count, 4096)];
    Arrays.fill(line, value);
    for (long done = 0; done < count; done += line.length) {
      write(index + done, line, 0, (int) Math.min(line.length, count - done));
    }
  }
}
