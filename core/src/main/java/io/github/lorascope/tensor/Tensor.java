package io.github.lorascope.tensor;

import java.util.Objects;

/**
 * A matrix in a backend's memory: row-major, each row {@code stride} numbers after the one before.
 * Views share their storage; nothing is copied until {@link #toArray()}. A tensor is valid as long
 * as the {@link MemoryScope} that made it is open.
 */
public final class Tensor {
  private final Storage storage;
  private final long offset;
  private final int rows;
  private final int columns;
  private final int stride;

  private Tensor(Storage storage, long offset, int rows, int columns, int stride) {
    this.storage = storage;
    this.offset = offset;
    this.rows = rows;
    this.columns = columns;
    this.stride = stride;
  }

  /**
   * Views a storage as a matrix without gaps between its rows.
   *
   * @param storage holds the numbers
   * @param offset position of the first
   * @param rows number of rows
   * @param columns number of columns
   * @return the view
   */
  public static Tensor of(Storage storage, long offset, int rows, int columns) {
    if (rows < 0 || columns < 0) {
      throw new IllegalArgumentException("a tensor of " + rows + " x " + columns);
    }
    Objects.checkFromIndexSize(offset, (long) rows * columns, storage.size());
    return new Tensor(storage, offset, rows, columns, columns);
  }

  /**
   * Returns the memory that the view looks at.
   *
   * @return the storage
   */
  public Storage storage() {
    return storage;
  }

  /**
   * Returns the position of the first number in the storage.
   *
   * @return the offset, in numbers
   */
  public long offset() {
    return offset;
  }

  /**
   * Returns the position of a row's first number in the storage.
   *
   * @param row the row
   * @return the offset, in numbers
   */
  public long offset(int row) {
    return offset + (long) row * stride;
  }

  /**
   * Returns the number of rows.
   *
   * @return the rows
   */
  public int rows() {
    return rows;
  }

  /**
   * Returns the number of columns.
   *
   * @return the columns
   */
  public int columns() {
    return columns;
  }

  /**
   * Returns the distance between two rows.
   *
   * @return the distance, in numbers
   */
  public int stride() {
    return stride;
  }

  /**
   * Tells whether the rows follow each other without a gap.
   *
   * @return true if so
   */
  public boolean contiguous() {
    return stride == columns || rows <= 1;
  }

  /**
   * Views some rows.
   *
   * @param from first row
   * @param to one past the last row
   * @return the view [to - from, columns]
   */
  public Tensor rows(int from, int to) {
    Objects.checkFromToIndex(from, to, rows);
    long first = from == to ? offset : offset(from); // behind the last row there may be nothing
    return new Tensor(storage, first, to - from, columns, stride);
  }

  /**
   * Views some columns.
   *
   * @param from first column
   * @param to one past the last column
   * @return the view [rows, to - from]
   */
  public Tensor columns(int from, int to) {
    Objects.checkFromToIndex(from, to, columns);
    return new Tensor(storage, offset + from, rows, to - from, stride);
  }

  /**
   * Views the same numbers in another shape; the rows must follow each other without a gap.
   *
   * @param newRows number of rows
   * @param newColumns number of columns
   * @return the view
   */
  public Tensor reshape(int newRows, int newColumns) {
    if (!contiguous() || (long) newRows * newColumns != (long) rows * columns) {
      throw new IllegalArgumentException(
          this + " cannot be seen as [" + newRows + ", " + newColumns + "]");
    }
    return new Tensor(storage, offset, newRows, newColumns, newColumns);
  }

  /**
   * Reads one number.
   *
   * @param row its row
   * @param column its column
   * @return the number
   */
  public double get(int row, int column) {
    Objects.checkIndex(row, rows);
    Objects.checkIndex(column, columns);
    return storage.get(offset(row) + column);
  }

  /**
   * Writes one number.
   *
   * @param row its row
   * @param column its column
   * @param value the number
   */
  public void set(int row, int column, double value) {
    Objects.checkIndex(row, rows);
    Objects.checkIndex(column, columns);
    storage.set(offset(row) + column, value);
  }

  /**
   * Copies the matrix out.
   *
   * @return its numbers, row by row
   */
  public float[] toArray() {
    float[] values = new float[Math.multiplyExact(rows, columns)];
    if (contiguous()) {
      storage.read(offset, values, 0, values.length);
      return values;
    }
    for (int row = 0; row < rows; row++) {
      storage.read(offset(row), values, row * columns, columns);
    }
    return values;
  }

  /**
   * Copies numbers in.
   *
   * @param values rows x columns numbers, row by row
   */
  public void set(float[] values) {
    if (values.length != Math.multiplyExact(rows, columns)) {
      throw new IllegalArgumentException(values.length + " numbers for " + this);
    }
    if (contiguous()) {
      storage.write(offset, values, 0, values.length);
      return;
    }
    for (int row = 0; row < rows; row++) {
      storage.write(offset(row), values, row * columns, columns);
    }
  }

  /**
   * Sets every number.
   *
   * @param value the number
   */
  public void fill(float value) {
    if (contiguous()) {
      storage.fill(offset, (long) rows * columns, value);
      return;
    }
    for (int row = 0; row < rows; row++) {
      storage.fill(offset(row), columns, value);
    }
  }

  @Override
  public String toString() {
    return "tensor [" + rows + ", " + columns + "]";
  }
}
