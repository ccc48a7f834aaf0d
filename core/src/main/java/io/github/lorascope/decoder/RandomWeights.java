package io.github.lorascope.decoder;

import io.github.lorascope.checkpoint.ModelConfig;
import io.github.lorascope.weights.Weight;
import io.github.lorascope.weights.WeightForm;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Weights drawn from a normal distribution with standard deviation 0.02, made row by row when they
 * are read.
 */
record RandomWeights(ModelConfig config, long seed) implements WeightSource {
  @Override
  public boolean has(String name) {
    return !name.startsWith("score");
  }

  @Override
  public Weight matrix(String name, int rows, int columns) {
    return new RandomMatrix(name, rows, columns, seed);
  }

  @Override
  public float[] vector(String name, int size) {
    float[] values = new float[size];
    Arrays.fill(values, name.endsWith("bias") ? 0 : 1);
    return values;
  }

  private record RandomMatrix(String name, int rows, int columns, long seed) implements Weight {
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
      for (int row = from; row < to; row++) {
        SplittableRandom random =
            new SplittableRandom(seed + 31L * name.hashCode() + row * 0x9E3779B97F4A7C15L);
        for (int i = 0; i < columns; i++) {
          target[offset + (row - from) * columns + i] = 0.02f * fourUniform(random.nextLong());
        }
      }
    }

    /** Sum of four uniform numbers, to a standard deviation of 1: close to normal, and cheap. */
    private static float fourUniform(long bits) {
      long sum = (bits & 0xffff) + (bits >>> 16 & 0xffff) + (bits >>> 32 & 0xffff) + (bits >>> 48);
      return (sum - 2 * 65535) * (float) (Math.sqrt(3) / 65536);
    }
  }
}
