package io.github.lorascope.weights;

import java.nio.ByteBuffer;
import java.nio.IntBuffer;
import java.nio.ShortBuffer;

/**
 * Looks for NaN and infinity by bit patterns: those have every bit of the exponent set, so that
 * without the sign they are the largest patterns of the format.
 */
record FiniteScan(WeightForm form, ByteBuffer data) {
  private static final int CHUNK = 4096;

  /** Returns the index of the first element that is not finite, or -1. */
  int firstBad() {
    return switch (form) {
      case F32 -> scan(data.asIntBuffer());
      case F16 -> scan(data.asShortBuffer(), 0x7C00);
      case BF16 -> scan(data.asShortBuffer(), 0x7F80);
      case NF4, GGUF -> throw new AssertionError(form);
    };
  }

  private static int scan(IntBuffer bits) {
    int[] chunk = new int[CHUNK];
    for (int done = 0; done < bits.limit(); done += CHUNK) {
      int n = Math.min(CHUNK, bits.limit() - done);
      bits.get(done, chunk, 0, n);
      int largest = 0;
      for (int i = 0; i < n; i++) {
        largest = Math.max(largest, chunk[i] & Integer.MAX_VALUE);
      }
      if (largest >= 0x7F800000) {
        int i = 0;
        while ((chunk[i] & Integer.MAX_VALUE) < 0x7F800000) {
          i++;
        }
        return done + i;
      }
    }
    return -1;
  }

  private static int scan(ShortBuffer bits, int infinity) {
    short[] chunk = new short[CHUNK];
    for (int done = 0; done < bits.limit(); done += CHUNK) {
      int n = Math.min(CHUNK, bits.limit() - done);
      bits.get(done, chunk, 0, n);
      int largest = 0;
      for (int i = 0; i < n; i++) {
        largest = Math.max(largest, chunk[i] & Short.MAX_VALUE);
      }
      if (largest >= infinity) {
        int i = 0;
        while ((chunk[i] & Short.MAX_VALUE) < infinity) {
          i++;
        }
        return done + i;
      }
    }
    return -1;
  }
}
