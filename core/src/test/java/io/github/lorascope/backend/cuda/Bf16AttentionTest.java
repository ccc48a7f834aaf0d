package io.github.lorascope.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.backend.AttentionShape;
import io.github.lorascope.backend.Backend;
import io.github.lorascope.backend.BackendOptions;
import io.github.lorascope.backend.reference.ReferenceBackend;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;
import io.github.lorascope.weights.Bfloat16;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Who attends to whom in the kernels in bfloat16, whose rounding would hide a key too many among
 * many: with values that are the rows of an identity matrix attention gives its weights, and its
 * gradients the weights' gradients, and each must be zero just where the reference's is.
 */
@RequiresShim
class Bf16AttentionTest {
  /** Of a number itself. */
  private static final double TOLERANCE = 0.04;

  /** Of the largest, for what is near zero. */
  private static final double NEAR = 4e-4;

  /** The same for sums of products that cancel each other. */
  private static final double SUMMED = 0.01;

  private record Result(float[] y, float[] dq, float[] dk, float[] dv) {}

  static Stream<Arguments> shapes() {
    return Stream.of(
        Arguments.of("one tile", 64, 0, new int[] {64}, new int[] {0}),
        Arguments.of("a row more", 96, 0, new int[] {65}, new int[] {0}),
        Arguments.of("window", 96, 7, new int[] {90, 1, 33}, new int[] {0, 0, 0}),
        Arguments.of("wide window", 128, 70, new int[] {128}, new int[] {0}),
        Arguments.of("keys before", 128, 0, new int[] {3, 70}, new int[] {60, 58}),
        Arguments.of("keys before and window", 128, 66, new int[] {70, 5}, new int[] {50, 120}),
        Arguments.of("narrow heads", 20, 0, new int[] {20, 7}, new int[] {0, 3}),
        Arguments.of("heads that are no multiple of 8", 30, 9, new int[] {30}, new int[] {0}));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("shapes")
  void seesWhatTheReferenceSees(
      String name, int headDim, int window, int[] queries, int[] keysBefore) {
    int[] queryOffsets = new int[queries.length + 1];
    int[] keyOffsets = new int[queries.length + 1];
    for (int s = 0; s < queries.length; s++) {
      queryOffsets[s + 1] = queryOffsets[s] + queries[s];
      keyOffsets[s + 1] = keyOffsets[s] + queries[s] + keysBefore[s];
    }
    AttentionShape shape = new AttentionShape(2, 1, headDim, window, queryOffsets, keyOffsets);
    BackendOptions options = BackendOptions.defaults();
    try (Backend reference = new ReferenceBackend(options);
        Backend backend = new CudaBackend("cuda", TestDevice.open(false), options)) {
      Result expected = run(reference, shape, name.hashCode());
      Result actual = run(backend, shape, name.hashCode());
      hold("y", NEAR, expected.y, actual.y);
      hold("dq", NEAR, expected.dq, actual.dq);
      hold("dk", SUMMED, expected.dk, actual.dk);
      hold("dv", NEAR, expected.dv, actual.dv);
    }
  }

  /** Row i of a sequence's keys, values and gradients is 1 in column i alone. */
  private static Result run(Backend backend, AttentionShape shape, long seed) {
    Random random = new Random(seed);
    int sequences = shape.sequences();
    int n = shape.queryOffsets()[sequences];
    int m = shape.keyOffsets()[sequences];
    int width = shape.heads() * shape.headDim();
    try (MemoryScope scope = backend.scope("test")) {
      Tensor q = scope.rounded(n, width);
      float[] values = new float[n * width];
      for (int i = 0; i < values.length; i++) {
        values[i] = Bfloat16.round((float) (4 * random.nextGaussian()));
      }
      q.set(values);
      Tensor k = scope.rounded(m, shape.headDim());
      Tensor v = scope.rounded(m, shape.headDim());
      Tensor dy = scope.rounded(n, width);
      for (Tensor tensor : new Tensor[] {k, v, dy}) {
        tensor.fill(0);
      }
      for (int s = 0; s < sequences; s++) {
        for (int i = 0; i < shape.keys(s); i++) {
          k.set(shape.keyOffsets()[s] + i, i, 1);
          v.set(shape.keyOffsets()[s] + i, i, 1);
        }
        for (int i = 0; i < shape.queries(s); i++) {
          for (int head = 0; head < shape.heads(); head++) {
            dy.set(shape.queryOffsets()[s] + i, head * shape.headDim() + i, 1);
          }
        }
      }
      Tensor y = scope.rounded(n, width);
      backend.attention(q, k, v, shape, y);
      Tensor dq = scope.rounded(n, width);
      Tensor dk = scope.rounded(m, shape.headDim());
      Tensor dv = scope.rounded(m, shape.headDim());
      backend.attentionBackward(dy, q, k, v, shape, y, dq, dk, dv);
      return new Result(y.toArray(), dq.toArray(), dk.toArray(), dv.toArray());
    }
  }

  private static void hold(String name, double near, float[] expected, float[] actual) {
    float largest = 0;
    for (float value : expected) {
      largest = Math.max(largest, Math.abs(value));
    }
    int zeros = 0;
    for (int i = 0; i < expected.length; i++) {
      float bound = (float) (TOLERANCE * Math.abs(expected[i]) + near * largest);
      String where = name + "[" + i + "]";
      if (expected[i] == 0) {
        zeros++;
        bound = 0;
      }
      assertEquals(expected[i], actual[i], bound, where);
    }
    assertTrue(zeros < expected.length, name + " is zero everywhere");
  }
}
