package io.github.lorascope.backend.reference;

import io.github.lorascope.backend.AdamW;
import io.github.lorascope.tensor.Tensor;

/**
 * m = b1 m + (1 - b1) g, v = b2 v + (1 - b2) g^2, p -= lr (decay p + (m / c1) / (sqrt(v / c2) +
 * epsilon)).
 */
final class Optimizer {
  private Optimizer() {}

  static void adamW(
      Tensor parameters, Tensor gradients, Tensor moment1, Tensor moment2, AdamW update) {
    double correction1 = 1 - Math.pow(update.beta1(), update.step());
    double correction2 = 1 - Math.pow(update.beta2(), update.step());
    for (int row = 0; row < parameters.rows(); row++) {
      double[] p = Rows.read(parameters, row);
      double[] g = Rows.read(gradients, row);
      double[] m = Rows.read(moment1, row);
      double[] v = Rows.read(moment2, row);
      for (int i = 0; i < p.length; i++) {
        m[i] = update.beta1() * m[i] + (1 - update.beta1()) * g[i];
        v[i] = update.beta2() * v[i] + (1 - update.beta2()) * g[i] * g[i];
        p[i] -= update.learningRate() * update.weightDecay() * p[i];
        p[i] -=
            update.learningRate()
                * (m[i] / correction1)
                / (Math.sqrt(v[i] / correction2) + update.epsilon());
      }
      Rows.write(p, parameters, row);
      Rows.write(m, moment1, row);
      Rows.write(v, moment2, row);
    }
  }
}
