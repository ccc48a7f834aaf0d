package io.github.lorascope.weights;

import java.nio.ByteBuffer;
import java.util.stream.IntStream;

/**
 * Quantizes to 4-bit NormalFloat (Dettmers et al., QLoRA, 2023), bit-compatible with bitsandbytes:
 * the matrix is cut row by row into blocks of 64; each block is divided by its largest magnitude
 * and every element goes to the nearest of 16 values.
 */
public final class Nf4 {
  /** Elements that share one scale. */
  public static final int BLOCK = 64;

  private static final float[] CODEBOOK = {
    -1.0f,
    -0.6961928f,
    -0.52507305f,
    -0.3949175f,
    -0.28444138f,
    -0.18477343f,
    -0.091050036f,
    0.0f,
    0.0795803f,
    0.1609302f,
    0.2461123f,
    0.33791524f,
    0.44070983f,
    0.562617f,
    0.72295684f,
    1.0f
  };

  private static final int ZERO = 7;

  /** Elements that are read at once, and elements that a thread takes at once. */
  private static final int PIECE = 1 << 16;

  private static final int SHARE = 1 << 20;
  private static final NearestCode NEAREST = new NearestCode(CODEBOOK);

  private Nf4() {}

  /**
   * Returns the values of the 16 codes.
   *
   * @return quantiles of the normal distribution scaled to [-1, 1]; a copy
   */
  public static float[] codebook() {
    return CODEBOOK.clone();
  }

  /**
   * Returns what lies between the values of the codes: an element goes to the code that as many of
   * these lie below.
   *
   * @return the 15 means of neighbours, rounded to float32
   */
  public static float[] borders() {
    return NearestCode.borders(CODEBOOK);
  }

  /**
   * Makes the exception for a weight that cannot be quantized.
   *
   * @param source the weight
   * @param element index of an element that is not finite, counted row by row
   * @return the exception, which says where
   */
  public static WeightException notFinite(Weight source, long element) {
    return new WeightException(
        source.name()
            + " holds NaN or infinity at row "
            + element / source.columns()
            + ", column "
            + element % source.columns());
  }

  /**
   * Quantizes a weight. Runs on the common pool, some rows at a time, so that a matrix mapped from
   * a file never lies in memory whole. The codes lie outside the heap.
   *
   * @param source what to quantize
   * @param doubleQuantization whether to store the scales in 8 bits
   * @return the weight in 4 bits, under the same name
   * @throws WeightException if the source holds NaN or infinity
   * @throws io.github.lorascope.tensor.MemoryCapException if Java gives no more memory
   */
  public static Nf4Weight quantize(Weight source, boolean doubleQuantization) {
    int columns = source.columns();
    long elements = (long) source.rows() * columns;
    ByteBuffer packed = codes(source);
    float[] absmax = new float[Math.toIntExact((elements + BLOCK - 1) / BLOCK)];
    int step = rows(PIECE, columns);
    int share = Math.max(1, SHARE / PIECE) * step;
    IntStream.range(0, (source.rows() + share - 1) / share)
        .parallel()
        .forEach(
            part -> {
              int end = Math.min((part + 1) * share, source.rows());
              // one for all pieces: a large model would fill the heap with them
              float[] values =
                  new float[Math.multiplyExact(Math.min(step, source.rows()), columns)];
              byte[] codes = new byte[(values.length + 1) / 2];
              for (int from = part * share; from < end; from += step) {
                int to = Math.min(from + step, end);
                int count = (to - from) * columns;
                source.read(from, to, values, 0);
                long first = (long) from * columns;
                int bad = quantize(values, count, codes, absmax, (int) (first / BLOCK));
                if (bad >= 0) {
                  throw notFinite(source, first + bad);
                }
                packed.put((int) (first / 2), codes, 0, (count + 1) / 2);
              }
            });
    BlockScales scales =
        doubleQuantization ? BlockScales.quantized(absmax) : BlockScales.plain(absmax);
    return new Nf4Weight(source.name(), source.rows(), columns, packed, CODEBOOK, scales);
  }

  /**
   * Makes room for a weight's codes, outside the heap.
   *
   * @param source what is quantized
   * @return half a byte an element
   * @throws io.github.lorascope.tensor.MemoryCapException if Java gives no more memory
   */
  public static ByteBuffer codes(Weight source) {
    long elements = (long) source.rows() * source.columns();
    return OffHeap.allocate(source.name(), (elements + 1) / 2);
  }

  /** Rows with about so many elements, and whole blocks for any width. */
  private static int rows(int elements, int columns) {
    int whole = BLOCK / Math.min(BLOCK, Integer.lowestOneBit(columns));
    return Math.max(1, elements / columns / whole) * whole;
  }

  /** Returns the index of an element that is not finite, or -1 if all went well. */
  private static int quantize(
      float[] values, int all, byte[] codes, float[] absmax, int firstBlock) {
    for (int begin = 0; begin < all; begin += BLOCK) {
      int count = Math.min(BLOCK, all - begin);
      float largest = 0;
      for (int i = 0; i < count; i++) {
        largest = Math.max(largest, Math.abs(values[begin + i]));
      }
      if (!(largest <= Float.MAX_VALUE)) {
        int bad = begin;
        while (Float.isFinite(values[bad])) {
          bad++;
        }
        return bad;
      }
      absmax[firstBlock + begin / BLOCK] = largest;
      float inverse = 1 / largest;
      if (!(inverse <= Float.MAX_VALUE)) {
        for (int i = begin; i < begin + count; i++) {
          values[i] = largest == 0 ? 0 : values[i] / largest;
        }
        inverse = 1;
      }
      int target = begin / 2;
      int end = begin + count;
      for (int i = begin; i < end; i += 2) {
        int high = NEAREST.of(values[i] * inverse);
        int low = i + 1 < end ? NEAREST.of(values[i + 1] * inverse) : ZERO;
        codes[target++] = (byte) (high << 4 | low);
      }
    }
    return -1;
  }
}
