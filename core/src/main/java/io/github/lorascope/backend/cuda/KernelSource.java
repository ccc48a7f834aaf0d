package io.github.lorascope.backend.cuda;

import io.github.lorascope.weights.Nf4;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The files of CUDA C++, and the kernels that each defines. */
enum KernelSource {
  GATHER("gather_f32", "gather_bf16", "gather_f16"),
  ROWS(and(typed("select_rows"), "add_to_rows")),
  ELEMENTWISE(and(typed("add", "copy", "repeat_row", "fill"), "round_matrix", "scale_matrix")),
  DROPOUT(typed("drop", "drop_gradient")),
  RMS_NORM(and(typed("rms_norm", "add_rms_norm"), "rms_norm_backward")),
  HEAD_NORM(typed("head_norm", "head_norm_backward")),
  ROPE(typed("rope")),
  SWI_GLU(typed("swi_glu", "swi_glu_backward")),
  HEAD("head", "head_backward_weight", "head_backward_input", "cross_entropy"),
  ADAM_W("adam_w"),
  SQUARED_NORMS(Map.of("FIELDS", SquaredNorms.FIELDS), "squared_norms"),
  NF4_QUANTIZE("nf4_quantize", "nf4_quantize_scales"),
  NF4_DEQUANTIZE("nf4_to_f32", "nf4_to_bf16", "nf4_nested_to_f32", "nf4_nested_to_bf16"),
  NF4_MULTIPLY(
      Map.of(
          "FEW", Nf4Codes.FEW,
          "OUTPUTS", Nf4Codes.OUTPUTS,
          "THREADS", Nf4Codes.THREADS,
          "BLOCK", Nf4.BLOCK),
      typed("nf4_multiply", "nf4_nested_multiply")),
  ATTENTION_FORWARD_F32(AttentionTiles.F32.numbers(), widths("f32", "attention")),
  ATTENTION_FORWARD_BF16(AttentionTiles.BF16.numbers(), widths("bf16", "attention")),
  ATTENTION_BACKWARD_F32(
      AttentionTiles.F32.numbers(),
      widths("f32", "attention_backward_queries", "attention_backward_keys")),
  ATTENTION_BACKWARD_BF16(
      AttentionTiles.BF16.numbers(),
      widths("bf16", "attention_backward_queries", "attention_backward_keys")),
  ATTENTION_WEIGHTS(typed("attention_weights")),
  ATTENTION_MASS(typed("attention_mass"));

  /** What the files include, by the names they include it by. */
  static final List<String> HEADERS =
      List.of(
          "common.cuh",
          "numbers.cuh",
          "nf4_scales.cuh",
          "tensor_core.cuh",
          "sequence.cuh",
          "attention_f32.cuh",
          "attention_bf16.cuh");

  @SuppressWarnings("ImmutableEnumChecker") // a list that cannot change
  private final List<String> defines;

  @SuppressWarnings("ImmutableEnumChecker") // a list that cannot change
  private final List<String> kernels;

  KernelSource(String... kernels) {
    this(Map.of(), kernels);
  }

  /** A file that shares numbers with Java: they are written there alone. */
  KernelSource(Map<String, Integer> numbers, String... kernels) {
    this.defines =
        numbers.entrySet().stream()
            .map(number -> "-D" + number.getKey() + "=" + number.getValue())
            .sorted()
            .toList();
    this.kernels = List.of(kernels);
  }

  /** What a compiler is told of the numbers that the file shares with Java. */
  List<String> defines() {
    return defines;
  }

  /** The names that its kernels are found by. */
  List<String> kernels() {
    return kernels;
  }

  /** The name of the file. */
  String file() {
    return name().toLowerCase(Locale.ROOT) + ".cu";
  }

  String text() {
    return text(file());
  }

  static String text(String file) {
    try (InputStream in = KernelSource.class.getResourceAsStream(file)) {
      if (in == null) {
        throw new IllegalStateException("the jar lacks " + file);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("reading " + file + " from the jar", e);
    }
  }

  /** Of each kernel one for float32 and one for bfloat16. */
  private static String[] typed(String... kernels) {
    return Stream.of(kernels)
        .flatMap(k -> Stream.of(k + "_f32", k + "_bf16"))
        .toArray(String[]::new);
  }

  private static String[] and(String[] kernels, String... others) {
    return Stream.of(kernels, others).flatMap(Stream::of).toArray(String[]::new);
  }

  /** Of each kernel one for each width of a head. */
  private static String[] widths(String type, String... kernels) {
    return Stream.of(kernels)
        .flatMap(
            k -> IntStream.of(CausalAttention.widths()).mapToObj(w -> k + "_" + w + "_" + type))
        .toArray(String[]::new);
  }
}
