package io.github.lorascope.backend.onednn;

import io.github.lorascope.backend.LowRank;
import io.github.lorascope.backend.LowRankGradient;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;

/**
 * What a LoRA path adds to a linear layer, scale dropout(x) A^T B^T, and its gradient, for one
 * call. Its products are of float32 where xa is, else of bfloat16; there matrices are filled up
 * with zeros, as {@link Bf16Rows#filled} says.
 */
final class LoraPath {
  /** Rows whose dropout is applied at once. */
  private static final int DROPPED = 128;

  private final Workers workers;
  private final MemoryScope scope;
  private final LowRank adapter;
  private final boolean narrow;
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
    this.narrow = NativeStorage.narrow(adapter.xa());
    this.a = parameters(adapter.a());
    this.b = parameters(adapter.b());
  }

  /** Computes xa = dropout(x) A^T and returns it, perhaps with columns of zeros behind. */
  Tensor down(Tensor input) {
    Tensor x = ofTokens(input);
    int rank = adapter.xa().columns();
    Tensor xa = a.rows() == rank ? adapter.xa() : scope.rounded(x.rows(), a.rows());
    workers.rows(
        x.rows(),
        x.columns(),
        scratch(x.rows(), x.columns()),
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
      rows = Split.run(to - top, DROPPED);
      Tensor kept = drop(slot, x, new Grid.Part(top, top + rows, 0, x.columns()));
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

  /** Computes u = scale dy B, the gradient of xa, perhaps with columns of zeros behind. */
  Tensor gradientOfXa(Tensor dy) {
    Tensor u =
        narrow ? scope.rounded(dy.rows(), b.columns()) : scope.tensor(dy.rows(), b.columns());
    Tensor factors = b.rows(0, dy.columns());
    workers.rows(
        dy.rows(),
        dy.columns(),
        (slot, from, to) ->
            slot.products()
                .times(adapter.scale(), dy.rows(from, to), factors, 0, u.rows(from, to)));
    return u;
  }

  /** Returns how much scratch memory it takes to drop some of a matrix. */
  long scratch(int rows, int columns) {
    return adapter.dropout().rate() == 0
        ? 0
        : 2 * Slot.scratchSize(Math.min(DROPPED, rows), columns);
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
      rows = Split.run(part.bottom() - top, DROPPED);
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

  /**
   * dA += u^T dropout(x) and dB += scale dy^T xa. Each thread sums over all rows for its own
   * columns of A and rows of B: a fixed order.
   */
  void addParameters(Tensor dy, Tensor u, LowRankGradient gradient) {
    int inputs = gradient.a().columns();
    int outputs = gradient.b().rows();
    int stepA = Split.up(Split.size(inputs, workers.threads()), 16);
    int stepB = Split.up(Split.size(outputs, workers.threads()), 16);
    int partsA = Split.parts(inputs, stepA);
    Tensor x = ofTokens(gradient.x());
    Tensor ofRank = u.columns(0, adapter.xa().columns());
    workers.run(
        partsA + Split.parts(outputs, stepB),
        scratch(dy.rows(), stepA),
        (slot, i) -> {
          if (i < partsA) {
            int from = i * stepA;
            addToA(slot, ofRank, x, from, Math.min(inputs, from + stepA), gradient.a());
          } else {
            int from = (i - partsA) * stepB;
            int to = Math.min(outputs, from + stepB);
            Tensor rows = gradient.b().rows(from, to);
            slot.products()
                .transposedTimes(adapter.scale(), dy.columns(from, to), adapter.xa(), 1, rows);
          }
        });
  }

  private void addToA(Slot slot, Tensor u, Tensor x, int from, int to, Tensor gradient) {
    Tensor da = gradient.columns(from, to);
    if (adapter.dropout().rate() == 0) {
      slot.products().transposedTimes(1, u, x.columns(from, to), 1, da);
      return;
    }
    long before = slot.taken();
    int rows;
    for (int top = 0; top < x.rows(); top += rows) {
      rows = Split.run(x.rows() - top, DROPPED);
      Tensor kept = drop(slot, x, new Grid.Part(top, top + rows, from, to));
      slot.products().transposedTimes(1, u.rows(top, top + rows), kept, 1, da);
      slot.reset(before);
    }
  }

  /** Copies a part of x, with dropout. */
  private Tensor drop(Slot slot, Tensor x, Grid.Part part) {
    int inputs = adapter.a().columns();
    int columns = part.right() - part.left();
    Tensor source = part.of(x);
    Tensor kept = slot.scratch(source.rows(), columns);
    DenseRows.copy(slot, source, kept);
    float[] line = slot.line(0, columns);
    for (int row = 0; row < source.rows(); row++) {
      kept.storage().read(kept.offset(row), line, 0, columns);
      adapter.dropout().apply(line, columns, (long) (part.top() + row) * inputs + part.left());
      kept.storage().write(kept.offset(row), line, 0, columns);
    }
    return DenseRows.of(slot, kept, narrow);
  }

  /** Returns a matrix of numbers for tokens as products take it, with at least its columns. */
  Tensor ofTokens(Tensor x) {
    return fit(x, x.rows());
  }

  private Tensor parameters(Tensor x) {
    return fit(x, narrow ? Bf16Rows.filled(x.rows()) : x.rows());
  }

  private Tensor fit(Tensor x, int rows) {
    int columns = narrow ? Bf16Rows.filled(x.columns()) : x.columns();
    if (NativeStorage.narrow(x) == narrow && x.columns() == columns && x.rows() == rows) {
      return x;
    }
    Tensor copy = narrow ? scope.rounded(rows, columns) : scope.tensor(rows, columns);
    if (rows != x.rows() || columns != x.columns()) {
      copy.fill(0);
    }
    Rows.copy(workers, x, copy.rows(0, x.rows()).columns(0, x.columns()));
    return copy;
  }
}
