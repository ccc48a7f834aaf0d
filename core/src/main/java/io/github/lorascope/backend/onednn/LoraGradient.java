package io.github.lorascope.backend.onednn;

import io.github.lorascope.backend.LowRank;
import io.github.lorascope.backend.LowRankGradient;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;
import java.util.List;

/**
 * dA += dxa^T dropout(x) and dB += scale dy^T xa of a LoRA path. Each task sums over all rows for
 * columns of A or rows of B of its own: a fixed order.
 */
final class LoraGradient {
  private static final int UNIT = 16;

  private final LowRank path;
  private final Tensor dA;
  private final Tensor dB;
  private final LoraOperands operands;
  private final Tensor dy;
  private final Tensor dxa;
  private final Tensor x;
  private final int stepA;
  private final int stepB;

  LoraGradient(LowRankGradient gradient, Workers workers, MemoryScope scope) {
    path = gradient.path();
    dA = gradient.a();
    dB = gradient.b();
    operands = new LoraOperands(path, workers, scope);
    dy = operands.ofTokens(gradient.dy());
    dxa = gradient.dxa();
    x = operands.ofTokens(gradient.x());
    stepA = Split.up(Split.size(dA.columns(), workers.threads()), UNIT);
    stepB = Split.up(Split.size(dB.rows(), workers.threads()), UNIT);
  }

  /** Returns how much scratch memory a task takes. */
  long scratch() {
    return operands.scratch(x.rows(), stepA);
  }

  void addTasks(List<Workers.Task> tasks) {
    for (int from = 0; from < dA.columns(); from += stepA) {
      int first = from;
      int end = Math.min(dA.columns(), from + stepA);
      tasks.add((slot, i) -> addToA(slot, first, end));
    }
    for (int from = 0; from < dB.rows(); from += stepB) {
      int first = from;
      int end = Math.min(dB.rows(), from + stepB);
      tasks.add((slot, i) -> addToB(slot, first, end));
    }
  }

  private void addToA(Slot slot, int from, int to) {
    Tensor sum = dA.columns(from, to);
    if (path.dropout().rate() == 0) {
      slot.products().transposedTimes(1, dxa, x.columns(from, to), 1, sum);
      return;
    }
    long before = slot.taken();
    int rows;
    for (int top = 0; top < x.rows(); top += rows) {
      rows = Split.run(x.rows() - top, LoraOperands.DROPPED);
      Tensor kept = operands.drop(slot, x, new Grid.Part(top, top + rows, from, to));
      slot.products().transposedTimes(1, dxa.rows(top, top + rows), kept, 1, sum);
      slot.reset(before);
    }
  }

  private void addToB(Slot slot, int from, int to) {
    slot.products()
        .transposedTimes(path.scale(), dy.columns(from, to), path.xa(), 1, dB.rows(from, to));
  }
}
