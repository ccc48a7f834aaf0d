package io.github.lorascope.probe;

import io.github.lorascope.checkpoint.SafetensorsFile;
import java.nio.LongBuffer;
import java.nio.file.Path;

/** Samples, and what scikit-learn made of them. */
@SuppressWarnings("ArrayRecordComponent")
record ProbeData(
    float[][] x, int[] y, double[] coefficients, double intercept, double[] foldAccuracy) {
  static SafetensorsFile file() {
    Path folder = Path.of(System.getProperty("golden.dir", "../core/src/test/resources/golden"));
    return SafetensorsFile.open(folder.resolve("probe.safetensors"));
  }

  static ProbeData read() {
    SafetensorsFile file = file();
    LongBuffer labels = file.data("y").asLongBuffer();
    int[] y = new int[labels.remaining()];
    float[] flat = file.floats("X");
    float[][] x = new float[y.length][flat.length / y.length];
    for (int i = 0; i < y.length; i++) {
      y[i] = (int) labels.get(i);
      System.arraycopy(flat, i * x[i].length, x[i], 0, x[i].length);
    }
    return new ProbeData(
        x,
        y,
        wide(file.floats("coef")),
        file.floats("intercept")[0],
        wide(file.floats("cv_accuracy")));
  }

  private static double[] wide(float[] values) {
    double[] out = new double[values.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = values[i];
    }
    return out;
  }
}
