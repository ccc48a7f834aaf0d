package io.github.lorascope.backend.reference;

import io.github.lorascope.tensor.Tensor;

/**
 * logits = h W^T, and the softmax cross-entropy of a row z with label l: log(sum_j exp(z_j)) - z_l.
 */
final class ClassificationHead {
  private ClassificationHead() {}

  static void forward(Tensor h, Tensor w, Tensor logits) {
    double[][] labels = Rows.read(w);
    for (int t = 0; t < h.rows(); t++) {
      double[] hidden = Rows.read(h, t);
      for (int l = 0; l < labels.length; l++) {
        logits.set(t, l, Rows.dot(hidden, labels[l]));
      }
    }
  }

  static void backward(Tensor dLogits, Tensor h, Tensor w, Tensor dw, Tensor dh) {
    double[][] labels = Rows.read(w);
    double[][] dLabels = new double[labels.length][w.columns()];
    for (int t = 0; t < h.rows(); t++) {
      double[] hidden = Rows.read(h, t);
      double[] d = Rows.read(dLogits, t);
      double[] dHidden = new double[hidden.length];
      for (int l = 0; l < labels.length; l++) {
        Rows.axpy(d[l], hidden, dLabels[l]);
        Rows.axpy(d[l], labels[l], dHidden);
      }
      if (dh != null) {
        Rows.write(dHidden, dh, t);
      }
    }
    Rows.add(dLabels, dw);
  }

  static double[] crossEntropy(Tensor logits, int[] labels, double scale, Tensor dLogits) {
    double[] losses = new double[logits.rows()];
    for (int t = 0; t < losses.length; t++) {
      double[] z = Rows.read(logits, t);
      double max = Double.NEGATIVE_INFINITY;
      for (double value : z) {
        max = Math.max(max, value);
      }
      double sum = 0;
      for (double value : z) {
        sum += Math.exp(value - max);
      }
      double logSum = max + Math.log(sum);
      losses[t] = logSum - z[labels[t]];
      if (dLogits != null) {
        for (int l = 0; l < z.length; l++) {
          dLogits.set(t, l, scale * (Math.exp(z[l] - logSum) - (l == labels[t] ? 1 : 0)));
        }
      }
    }
    return losses;
  }
}
