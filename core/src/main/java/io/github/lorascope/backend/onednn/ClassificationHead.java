package io.github.lorascope.backend.onednn;

import io.github.lorascope.tensor.Tensor;

/**
 * logits = h W^T, and the softmax cross-entropy of a row z with label l: log(sum_j exp(z_j)) - z_l.
 * So small that the calling thread does it alone.
 */
final class ClassificationHead {
  private ClassificationHead() {}

  static void forward(Tensor h, Tensor w, Tensor logits) {
    int hidden = h.columns();
    float[] weight = new float[hidden];
    float[] state = new float[hidden];
    for (int label = 0; label < w.rows(); label++) {
      w.storage().read(w.offset(label), weight, 0, hidden);
      for (int pair = 0; pair < h.rows(); pair++) {
        h.storage().read(h.offset(pair), state, 0, hidden);
        logits.set(pair, label, Lines.dot(state, weight, hidden));
      }
    }
  }

  /** dW += dLogits^T h and dh = dLogits W. */
  static void backward(Tensor dLogits, Tensor h, Tensor w, Tensor dw, Tensor dh) {
    for (int label = 0; label < w.rows(); label++) {
      double[] sum = new double[h.columns()];
      for (int pair = 0; pair < h.rows(); pair++) {
        accumulate(dLogits.get(pair, label), h, pair, sum);
      }
      accumulate(1, dw, label, sum);
      write(sum, dw, label);
    }
    if (dh == null) {
      return;
    }
    for (int pair = 0; pair < h.rows(); pair++) {
      double[] sum = new double[h.columns()];
      for (int label = 0; label < w.rows(); label++) {
        accumulate(dLogits.get(pair, label), w, label, sum);
      }
      write(sum, dh, pair);
    }
  }

  static double[] crossEntropy(Tensor logits, int[] labels, double scale, Tensor dLogits) {
    double[] losses = new double[logits.rows()];
    for (int pair = 0; pair < losses.length; pair++) {
      double max = Double.NEGATIVE_INFINITY;
      for (int label = 0; label < logits.columns(); label++) {
        max = Math.max(max, logits.get(pair, label));
      }
      double sum = 0;
      for (int label = 0; label < logits.columns(); label++) {
        sum += Math.exp(logits.get(pair, label) - max);
      }
      double logSum = max + Math.log(sum);
      losses[pair] = logSum - logits.get(pair, labels[pair]);
      if (dLogits == null) {
        continue;
      }
      for (int label = 0; label < logits.columns(); label++) {
        double p = Math.exp(logits.get(pair, label) - logSum);
        dLogits.set(pair, label, scale * (p - (label == labels[pair] ? 1 : 0)));
      }
    }
    return losses;
  }

  private static void accumulate(double factor, Tensor x, int row, double[] sum) {
    float[] values = new float[sum.length];
    x.storage().read(x.offset(row), values, 0, values.length);
    for (int i = 0; i < sum.length; i++) {
      sum[i] += factor * values[i];
    }
  }

  private static void write(double[] sum, Tensor x, int row) {
    float[] values = new float[sum.length];
    for (int i = 0; i < sum.length; i++) {
      values[i] = (float) sum[i];
    }
    x.storage().write(x.offset(row), values, 0, values.length);
  }
}
