package io.github.lorascope.backend.reference;

import io.github.lorascope.backend.Dropout;
import io.github.lorascope.backend.LowRank;
import io.github.lorascope.backend.LowRankGradient;
import io.github.lorascope.tensor.Tensor;

/** y = x W^T + bias + scale * dropout(x) A^T B^T. */
final class Linear {
  private Linear() {}

  static void forward(Tensor x, ReferenceWeight weight, Tensor bias, LowRank adapter, Tensor y) {
    double[][] in = weight.rounded(Rows.read(x));
    double[][] out = new double[x.rows()][y.columns()];
    for (int o = 0; o < y.columns(); o++) {
      double[] w = weight.row(o);
      double b = bias == null ? 0 : bias.get(0, o);
      for (int t = 0; t < in.length; t++) {
        out[t][o] = Rows.dot(in[t], w) + b;
      }
    }
    if (adapter != null) {
      double[][] xa = times(dropped(x, adapter.dropout()), Rows.read(adapter.a()));
      Rows.write(xa, adapter.xa());
      double[][] path = times(xa, Rows.read(adapter.b()));
      for (int t = 0; t < out.length; t++) {
        Rows.axpy(adapter.scale(), path[t], out[t]);
      }
    }
    Rows.write(out, y);
  }

  /** With dxa = scale dy B: dx (+)= dy W + dropout(dxa A). */
  static void backward(
      Tensor dy, ReferenceWeight weight, LowRank adapter, Tensor dxa, Tensor dx, boolean add) {
    double[][] u = adapter == null ? null : passedOn(Rows.read(dy), adapter);
    if (u != null) {
      Rows.write(u, dxa);
    }
    if (dx == null) {
      return;
    }
    double[][] d = weight.rounded(Rows.read(dy));
    double[][] out = new double[dy.rows()][dx.columns()];
    for (int o = 0; o < dy.columns(); o++) {
      double[] w = weight.row(o);
      for (int t = 0; t < d.length; t++) {
        Rows.axpy(d[t][o], w, out[t]);
      }
    }
    if (u != null) {
      double[][] a = Rows.read(adapter.a());
      double[][] path = new double[d.length][dx.columns()];
      for (int t = 0; t < d.length; t++) {
        for (int r = 0; r < a.length; r++) {
          Rows.axpy(u[t][r], a[r], path[t]);
        }
      }
      drop(path, adapter.dropout());
      for (int t = 0; t < out.length; t++) {
        Rows.axpy(1, path[t], out[t]);
      }
    }
    if (add) {
      Rows.add(out, dx);
    } else {
      Rows.write(out, dx);
    }
  }

  /** scale dy B. */
  private static double[][] passedOn(double[][] dy, LowRank adapter) {
    double[][] b = Rows.read(adapter.b());
    double[][] u = new double[dy.length][adapter.a().rows()];
    for (int t = 0; t < dy.length; t++) {
      for (int o = 0; o < b.length; o++) {
        Rows.axpy(dy[t][o] * adapter.scale(), b[o], u[t]);
      }
    }
    return u;
  }

  /** dA += dxa^T dropout(x), dB += scale dy^T xa. */
  static void gradients(LowRankGradient gradient) {
    LowRank path = gradient.path();
    double[][] u = Rows.read(gradient.dxa());
    Rows.add(transposedTimes(u, dropped(gradient.x(), path.dropout())), gradient.a());
    double[][] db = transposedTimes(Rows.read(gradient.dy()), Rows.read(path.xa()));
    for (double[] row : db) {
      for (int i = 0; i < row.length; i++) {
        row[i] *= path.scale();
      }
    }
    Rows.add(db, gradient.b());
  }

  private static double[][] dropped(Tensor x, Dropout dropout) {
    return drop(Rows.read(x), dropout);
  }

  private static double[][] drop(double[][] x, Dropout dropout) {
    for (int t = 0; t < x.length; t++) {
      for (int i = 0; i < x[t].length; i++) {
        x[t][i] *= dropout.factor((long) t * x[t].length + i);
      }
    }
    return x;
  }

  /** x m^T. */
  private static double[][] times(double[][] x, double[][] m) {
    double[][] out = new double[x.length][m.length];
    for (int t = 0; t < x.length; t++) {
      for (int r = 0; r < m.length; r++) {
        out[t][r] = Rows.dot(x[t], m[r]);
      }
    }
    return out;
  }

  /** x^T y. */
  private static double[][] transposedTimes(double[][] x, double[][] y) {
    int rows = x.length == 0 ? 0 : x[0].length;
    double[][] out = new double[rows][];
    for (int r = 0; r < rows; r++) {
      out[r] = new double[y[0].length];
      for (int t = 0; t < x.length; t++) {
        Rows.axpy(x[t][r], y[t], out[r]);
      }
    }
    return out;
  }
}
