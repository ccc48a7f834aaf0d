package io.github.lorascope.tensor;

import java.util.ArrayList;
import java.util.List;

/**
 * Owns the memory of the tensors made through it and frees it on {@link #close()}. One thread at a
 * time makes tensors through a scope; any number of scopes may be open at once.
 */
public final class MemoryScope implements AutoCloseable {
  private final StoragePool pool;
  private final String label;
  private final List<Storage> storages = new ArrayList<>();
  private final List<AutoCloseable> attached = new ArrayList<>();
  private boolean closed;

  /**
   * Opens a scope.
   *
   * @param pool where its memory comes from
   * @param label what the memory is for, for messages
   */
  public MemoryScope(StoragePool pool, String label) {
    this.pool = pool;
    this.label = label;
    pool.account().opened();
  }

  /**
   * Makes a tensor with undefined contents.
   *
   * @param rows number of rows
   * @param columns number of columns
   * @return the tensor [rows, columns]
   * @throws MemoryCapException if there is not so much memory
   */
  public Tensor tensor(int rows, int columns) {
    checkOpen();
    return owned(pool.take((long) rows * columns, label), rows, columns);
  }

  /**
   * Makes a tensor with undefined contents whose numbers the backend may round to bfloat16, to
   * nearest, ties to even, where it computes with such. It is for what is read by operations that
   * accept such tensors; {@link Storage} reads and writes it like any other.
   *
   * @param rows number of rows
   * @param columns number of columns
   * @return the tensor [rows, columns]
   * @throws MemoryCapException if there is not so much memory
   */
  public Tensor rounded(int rows, int columns) {
    checkOpen();
    return owned(pool.takeRounded((long) rows * columns, label), rows, columns);
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("the memory scope '" + label + "' is closed");
    }
  }

  private Tensor owned(Storage storage, int rows, int columns) {
    storages.add(storage);
    return Tensor.of(storage, 0, rows, columns);
  }

  /**
   * Makes a tensor of zeros.
   *
   * @param rows number of rows
   * @param columns number of columns
   * @return the tensor [rows, columns]
   * @throws MemoryCapException if there is not so much memory
   */
  public Tensor zeros(int rows, int columns) {
    Tensor tensor = tensor(rows, columns);
    tensor.fill(0);
    return tensor;
  }

  /**
   * Makes a tensor that holds the given numbers.
   *
   * @param rows number of rows
   * @param columns number of columns
   * @param values rows x columns numbers, row by row
   * @return the tensor [rows, columns]
   * @throws MemoryCapException if there is not so much memory
   */
  public Tensor tensor(int rows, int columns, float[] values) {
    Tensor tensor = tensor(rows, columns);
    tensor.set(values);
    return tensor;
  }

  /**
   * Closes something together with this scope, the last attached first. Of a scope that another
   * thread has closed meanwhile, the resource stays the caller's.
   *
   * @param resource what is to be closed; its close must not throw
   * @throws IllegalStateException if the scope is closed
   */
  public void attach(AutoCloseable resource) {
    synchronized (attached) {
      checkOpen();
      attached.add(resource);
    }
  }

  /** Frees the memory; its tensors must not be used any more. Closing again does nothing. */
  @Override
  public void close() {
    synchronized (attached) {
      if (closed) {
        return;
      }
      closed = true;
    }
    Throwable failure = null;
    for (int i = attached.size() - 1; i >= 0; i--) {
      try {
        attached.get(i).close();
      } catch (Exception | Error e) { // the rest is freed all the same
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    storages.forEach(pool::give);
    storages.clear();
    pool.account().closed();
    if (failure instanceof Error error) {
      throw error;
    }
    if (failure != null) {
      throw new IllegalStateException("closing the memory scope '" + label + "'", failure);
    }
  }
}
