package io.github.lorascope.backend.reference;

import io.github.lorascope.backend.AttentionShape;
import io.github.lorascope.tensor.Tensor;

/** y_i = sum_j p_ij v_j, with p_i = softmax over the keys that query i sees of scale q_i k_j. */
final class CausalAttention {
  private CausalAttention() {}

  static void forward(Tensor q, Tensor k, Tensor v, AttentionShape shape, Tensor y) {
    for (int s = 0; s < shape.sequences(); s++) {
      for (int h = 0; h < shape.heads(); h++) {
        Head head = new Head(shape, s, h);
        double[][] keys = head.keys(k);
        double[][] values = head.keys(v);
        Tensor out = head.queryView(y);
        double[][] queries = head.queries(q);
        for (int i = 0; i < queries.length; i++) {
          double[] p = head.probabilities(queries[i], keys, i);
          double[] sum = new double[shape.headDim()];
          for (int j = 0; j < keys.length; j++) {
            Rows.axpy(p[j], values[j], sum);
          }
          Rows.write(sum, out, i);
        }
      }
    }
  }

  /**
   * With dp_ij = dy_i v_j: ds_ij = p_ij (dp_ij - sum_j p_ij dp_ij), which is the gradient of scale
   * q_i k_j.
   */
  static void backward(
      Tensor dy,
      Tensor q,
      Tensor k,
      Tensor v,
      AttentionShape shape,
      Tensor dq,
      Tensor dk,
      Tensor dv) {
    dk.fill(0);
    dv.fill(0);
    for (int s = 0; s < shape.sequences(); s++) {
      for (int h = 0; h < shape.heads(); h++) {
        Head head = new Head(shape, s, h);
        double[][] keys = head.keys(k);
        double[][] values = head.keys(v);
        double[][] queries = head.queries(q);
        double[][] d = head.queries(dy);
        double[][] dQueries = new double[queries.length][shape.headDim()];
        double[][] dKeys = new double[keys.length][shape.headDim()];
        double[][] dValues = new double[keys.length][shape.headDim()];
        for (int i = 0; i < queries.length; i++) {
          double[] p = head.probabilities(queries[i], keys, i);
          double[] dp = new double[keys.length];
          for (int j = 0; j < keys.length; j++) {
            dp[j] = Rows.dot(d[i], values[j]);
          }
          double mean = Rows.dot(p, dp);
          for (int j = 0; j < keys.length; j++) {
            double ds = p[j] * (dp[j] - mean) * shape.scale();
            Rows.axpy(ds, keys[j], dQueries[i]);
            Rows.axpy(ds, queries[i], dKeys[j]);
            Rows.axpy(p[j], d[i], dValues[j]);
          }
        }
        Rows.write(dQueries, head.queryView(dq));
        Rows.add(dKeys, head.keyView(dk));
        Rows.add(dValues, head.keyView(dv));
      }
    }
  }

  static void weights(Tensor q, Tensor k, AttentionShape shape, int sequence, Tensor p) {
    for (int h = 0; h < shape.heads(); h++) {
      Head head = new Head(shape, sequence, h);
      double[][] keys = head.keys(k);
      double[][] queries = head.queries(q);
      for (int i = 0; i < queries.length; i++) {
        Rows.write(head.probabilities(queries[i], keys, i), p, h * queries.length + i);
      }
    }
  }

  /** One query head of one sequence. */
  private record Head(AttentionShape shape, int sequence, int head) {
    Tensor queryView(Tensor x) {
      return x.rows(shape.queryOffsets()[sequence], shape.queryOffsets()[sequence + 1])
          .columns(head * shape.headDim(), (head + 1) * shape.headDim());
    }

    Tensor keyView(Tensor x) {
      int keyHead = head / (shape.heads() / shape.keyValueHeads());
      return x.rows(shape.keyOffsets()[sequence], shape.keyOffsets()[sequence + 1])
          .columns(keyHead * shape.headDim(), (keyHead + 1) * shape.headDim());
    }

    double[][] queries(Tensor x) {
      return Rows.read(queryView(x));
    }

    double[][] keys(Tensor x) {
      return Rows.read(keyView(x));
    }

    double[] probabilities(double[] query, double[][] keys, int i) {
      int first = shape.firstKey(sequence, i);
      int last = shape.lastKey(sequence, i);
      double[] p = new double[keys.length];
      double max = Double.NEGATIVE_INFINITY;
      for (int j = first; j <= last; j++) {
        p[j] = shape.scale() * Rows.dot(query, keys[j]);
        max = Math.max(max, p[j]);
      }
      double sum = 0;
      for (int j = first; j <= last; j++) {
        p[j] = Math.exp(p[j] - max);
        sum += p[j];
      }
      for (int j = first; j <= last; j++) {
        p[j] /= sum;
      }
      return p;
    }
  }
}
