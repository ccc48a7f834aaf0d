package io.github.lorascope.backend;

import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;

/** {@link Backend#attentionMass} from the matrices of some heads at a time. */
final class AttentionMass {
  /** Bounds the numbers of the matrices; that of a single head is made however large it is. */
  static final long SCRATCH = 1 << 24;

  private AttentionMass() {}

  static void reduce(
      Backend backend,
      Tensor q,
      Tensor k,
      AttentionShape shape,
      int sequence,
      int from,
      int[] spans,
      Tensor y,
      long scratch) {
    int queries = shape.queries(sequence);
    int keys = shape.keys(sequence);
    int rows = y.rows() / shape.heads();
    int sharing = shape.heads() / shape.keyValueHeads();
    int width = shape.headDim();
    long fitting = scratch / Math.max(1, (long) queries * keys);
    long groups = Math.min(shape.keyValueHeads(), fitting / sharing);
    int step = groups == 0 ? 1 : (int) groups * sharing; // whole groups, or head by head
    for (int first = 0; first < shape.heads(); first += step) {
      int end = Math.min(shape.heads(), first + step);
      int heads = end - first;
      int firstKey = first / sharing;
      int endKey = (end - 1) / sharing + 1;
      AttentionShape part =
          new AttentionShape(
              heads,
              endKey - firstKey,
              width,
              shape.window(),
              shape.queryOffsets(),
              shape.keyOffsets());
      try (MemoryScope scope = backend.scope("the attention of " + queries + " tokens")) {
        Tensor p = scope.tensor(heads * queries, keys);
        backend.attentionWeights(
            q.columns(first * width, end * width),
            k.columns(firstKey * width, endKey * width),
            part,
            sequence,
            p);
        for (int h = 0; h < heads; h++) {
          int target = (first + h) * rows;
          int source = h * queries + from;
          rows(p.rows(source, source + rows), spans, y.rows(target, target + rows));
        }
      }
    }
  }

  private static void rows(Tensor p, int[] spans, Tensor y) {
    int columns = y.columns();
    float[] weights = p.toArray();
    float[] reduced = new float[y.rows() * columns];
    for (int row = 0; row < y.rows(); row++) {
      int start = row * p.columns();
      for (int span = 0; span + 1 < columns; span++) {
        double mass = 0;
        for (int key = spans[2 * span]; key < spans[2 * span + 1]; key++) {
          mass += weights[start + key];
        }
        reduced[row * columns + span] = (float) mass;
      }
      reduced[(row + 1) * columns - 1] = (float) entropy(weights, start, p.columns());
    }
    y.set(reduced);
  }

  private static double entropy(float[] weights, int from, int count) {
    double sum = 0;
    for (int i = from; i < from + count; i++) {
      if (weights[i] != 0) { // NaN stays
        sum -= weights[i] * Math.log(weights[i]);
      }
    }
    return sum;
  }
}
