package io.github.lorascope.backend.onednn;

import io.github.lorascope.backend.LowRank;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;

/**
 * What a LoRA path adds to a linear layer, scale dropout(x) A^T B^T, and to the gradient of its
 * input, for one call.
 */
final class LoraPath {
  private final Workers workers;
  private final MemoryScope scope;
  private final LowRank adapter;
  private final LoraOperands operands;
  private final Tensor a;
  private final Tensor b;

  /**
   * Prepares the matrices of the path.
   *
   * @param scope holds copies of them as long as the call
   */
  LoraPath(LowRank adapter, Workers workers, MemoryScope scope) {
    this.workers = workers;
    this.scope = scope;
    this.adapter = adapter;
    this.operands = new LoraOperands(adapter, workers, scope);
    this.a = operands.parameters(adapter.a());
    this.b = operands.parameters(adapter.b());
  }

  /** Computes xa = dropout(x) A^T and returns it, perhaps with columns of zeros behind. */
  Tensor down(Tensor input) {
    Tensor x = operands.ofTokens(input);
    int rank = adapter.xa().columns();
    Tensor xa = a.rows() == rank ? adapter.xa() : scope.rounded(x.rows(), a.rows());
    workers.rows(
        x.rows(),
        x.columns(),
        operands.scratch(x.rows(), x.columns()),
        (slot, from, to) -> down(slot, x, xa, from, to));
    if (xa != adapter.xa()) {
      Rows.copy(workers, xa.columns(0, rank), adapter.xa());
    }
    return xa;
  }

  private void down(Slot slot, Tensor x, Tensor xa, int from, int to) {
    if (adapter.dropout().rate() == 0) {
      slot.products().timesTransposed(1, x.rows(from, to), a, 0, xa.rows(from, to));
      return;
    }
    long before = slot.taken();
    int rows;
    for (int top = from; top < to; top += rows) {
      rows = Split.run(to - top, LoraOperands.DROPPED);
      Tensor kept = operands.drop(slot, x, new Grid.Part(top, top + rows, 0, x.columns()));
      slot.products().timesTransposed(1, kept, a, 0, xa.rows(top, top + rows));
      slot.reset(before);
    }
  }

  /**
   * Adds scale xa B^T.
   *
   * @param xa some rows of what {@link #down} returned
   * @param first row of B that makes the first column
   * @param y what is added to
   */
  void addUp(Slot slot, Tensor xa, int first, Tensor y) {
    Tensor rows = b.rows(first, first + y.columns());
    slot.products().timesTransposed(adapter.scale(), xa, rows, 1, y);
  }

  /**
   * Computes dxa = scale dy B, the gradient of xa, and returns it, perhaps with columns of zeros
   * behind.
   */
  Tensor gradientOfXa(Tensor dy, Tensor dxa) {
    int rank = dxa.columns();
    Tensor u = b.columns() == rank ? dxa : scope.rounded(dy.rows(), b.columns());
    Tensor factors = b.rows(0, dy.columns());
    workers.rows(
        dy.rows(),
        dy.columns(),
        (slot, from, to) ->
            slot.products()
                .times(adapter.scale(), dy.rows(from, to), factors, 0, u.rows(from, to)));
    if (u != dxa) {
      Rows.copy(workers, u.columns(0, rank), dxa);
    }
    return u;
  }

  /** Returns how much scratch memory {@link #addDown} takes. */
  long scratch(int rows, int columns) {
    return operands.scratch(rows, columns);
  }

  /** Returns a matrix of numbers for tokens as products take it, with at least its columns. */
  Tensor ofTokens(Tensor x) {
    return operands.ofTokens(x);
  }

  /** Adds dropout(u A) to a part of dx. */
  void addDown(Slot slot, Tensor u, Grid.Part part, Tensor dx) {
    Tensor factors = a.rows(0, u.columns()).columns(part.left(), part.right());
    if (adapter.dropout().rate() == 0) {
      slot.products().times(1, u.rows(part.top(), part.bottom()), factors, 1, part.of(dx));
      return;
    }
    int columns = part.right() - part.left();
    long before = slot.taken();
    float[] line = slot.line(0, columns);
    float[] sum = slot.line(1, columns);
    int rows;
    for (int top = part.top(); top < part.bottom(); top += rows) {
      rows = Split.run(part.bottom() - top, LoraOperands.DROPPED);
      Tensor path = slot.scratch(rows, columns);
      slot.products().times(1, u.rows(top, top + rows), factors, 0, path);
      Tensor target = new Grid.Part(top, top + rows, part.left(), part.right()).of(dx);
      Tensor added = DenseRows.of(slot, target, false);
      for (int row = 0; row < rows; row++) {
        path.storage().read(path.offset(row), line, 0, columns);
        adapter.dropout().apply(line, columns, (long) (top + row) * dx.columns() + part.left());
        added.storage().read(added.offset(row), sum, 0, columns);
        for (int i = 0; i < columns; i++) {
          sum[i] += line[i];
        }
        added.storage().write(added.offset(row), sum, 0, columns);
      }
      DenseRows.end(slot, added, target);
      slot.reset(before);
    }
  }
}
