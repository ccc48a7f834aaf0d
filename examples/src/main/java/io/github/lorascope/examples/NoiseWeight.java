package io.github.lorascope.examples;

import io.github.lorascope.weights.Bfloat16;
import io.github.lorascope.weights.DenseWeight;
import io.github.lorascope.weights.Weight;
import io.github.lorascope.weights.WeightForm;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.SplittableRandom;

/** A weight of random numbers that repeat, so that a large one is made in no time. */
record NoiseWeight(int rows, int columns) implements Weight {
  private static final float[] NOISE = new float[(1 << 16) + 1];

  static {
    SplittableRandom random = new SplittableRandom(0);
    for (int i = 0; i < NOISE.length; i++) {
      NOISE[i] = Bfloat16.round((float) (0.04 * (random.nextDouble() - 0.5)));
    }
  }

  /** Fills an array from a place on. */
  static void fill(float[] target, int offset, int count, long first) {
    int at = (int) (first % NOISE.length);
    for (int done = 0; done < count; ) {
      int part = Math.min(count - done, NOISE.length - at);
      System.arraycopy(NOISE, at, target, offset + done, part);
      done += part;
      at = 0;
    }
  }

  /** The same numbers as a checkpoint stores them. */
  DenseWeight stored() {
    ByteBuffer data =
        ByteBuffer.allocateDirect(Math.multiplyExact(2, Math.multiplyExact(rows, columns)))
            .order(ByteOrder.LITTLE_ENDIAN);
    float[] row = new float[columns];
    for (int r = 0; r < rows; r++) {
      read(r, r + 1, row, 0);
      for (float value : row) {
        data.putShort(Bfloat16.toBits(value));
      }
    }
    return DenseWeight.of(name(), rows, columns, WeightForm.BF16, data.flip());
  }

  @Override
  public String name() {
    return "noise";
  }

  @Override
  public WeightForm form() {
    return WeightForm.F32;
  }

  @Override
  public long bytes() {
    return 0;
  }

  @Override
  public void read(int from, int to, float[] target, int offset) {
    fill(target, offset, (to - from) * columns, (long) from * columns);
  }
}
