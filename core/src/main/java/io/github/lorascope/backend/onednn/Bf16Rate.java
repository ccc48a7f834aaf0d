package io.github.lorascope.backend.onednn;

import io.github.lorascope.backend.BackendOptions;
import io.github.lorascope.backend.BackendWeight;
import io.github.lorascope.backend.Precision;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;
import io.github.lorascope.weights.DenseWeight;
import java.util.Arrays;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Times a small product in bfloat16 beside the same one in float32: there are processors whose
 * bfloat16 instructions, where they have no AMX, multiply half as many numbers a second.
 */
final class Bf16Rate {
  private static final Logger log = LoggerFactory.getLogger(Bf16Rate.class);
  private static final int ROWS = 128;
  private static final int WIDTH = 512;
  private static final int ROUNDS = 8;

  /** How much longer products may take for rows and weights of half the size. */
  private static final double WORTH = 1.25;

  private Bf16Rate() {}

  /** Made once, so that all backends of a process compute alike. */
  private static final class Verdict {
    static final boolean PAYS = OneDnnLibrary.get().amx() || measure();
  }

  /** Tells whether this processor's bfloat16 instructions are worth using. */
  static boolean pays() {
    return Verdict.PAYS;
  }

  private static boolean measure() {
    BackendOptions options = BackendOptions.defaults().withThreads(1);
    try (OneDnnBackend backend = new OneDnnBackend(options, WeightLayout.PACKED_BF16);
        OneDnnBackend floats = new OneDnnBackend(options, WeightLayout.PLAIN);
        Product product = new Product(backend, Precision.BF16);
        Product inFloats = new Product(floats, Precision.F32)) {
      double fastest = Double.MAX_VALUE;
      double fastestInFloats = Double.MAX_VALUE;
      for (int round = 0; round < ROUNDS; round++) {
        fastest = Math.min(fastest, product.seconds());
        fastestInFloats = Math.min(fastestInFloats, inFloats.seconds());
      }
      return pays(fastest, fastestInFloats);
    }
  }

  /** Compares the times of the same product. */
  static boolean pays(double seconds, double secondsInFloats) {
    boolean pays = seconds <= WORTH * secondsInFloats;
    if (!pays) {
      log.info(
          "products in bfloat16 take {} times as long as in float32 on this processor: float32 is"
              + " used instead, with operands rounded to bfloat16",
          String.format(Locale.ROOT, "%.1f", seconds / secondsInFloats));
    }
    return pays;
  }

  /** A product in either, without what it takes to round its operands. */
  private static final class Product implements AutoCloseable {
    private final OneDnnBackend backend;
    private final MemoryScope memory;
    private final BackendWeight weight;
    private final Tensor x;
    private final Tensor y;

    Product(OneDnnBackend backend, Precision precision) {
      this.backend = backend;
      memory = backend.scope("a timing of products");
      float[] ones = new float[WIDTH * WIDTH];
      Arrays.fill(ones, 1);
      DenseWeight w = DenseWeight.of("timing", WIDTH, WIDTH, ones);
      weight = backend.prepare(w, precision, memory);
      x = memory.rounded(ROWS, WIDTH);
      y = memory.rounded(ROWS, WIDTH);
      x.fill(1);
    }

    double seconds() {
      long start = System.nanoTime();
      backend.linear(x, weight, null, null, y);
      return (System.nanoTime() - start) / 1e9;
    }

    @Override
    public void close() {
      memory.close();
    }
  }
}
