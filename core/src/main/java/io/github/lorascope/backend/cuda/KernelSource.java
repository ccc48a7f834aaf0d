package io.github.lorascope.backend.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The files of CUDA C++, and the kernels that each defines. */
enum KernelSource {
  GATHER("gather_f32", "gather_bf16", "gather_f16"),
  ROWS("select_rows", "add_to_rows"),
  ELEMENTWISE(
      "add_matrix", "copy_matrix", "repeat_row", "scale_matrix", "fill_matrix", "round_matrix"),
  DROPOUT("drop", "add_dropped"),
  RMS_NORM("rms_norm", "rms_norm_backward"),
  ROPE("rope"),
  SWI_GLU("swi_glu", "swi_glu_backward"),
  HEAD("head", "head_backward_weight", "head_backward_input", "cross_entropy"),
  ADAM_W("adam_w"),
  SQUARED_NORMS("squared_norms"),
  NF4_QUANTIZE("nf4_quantize", "nf4_quantize_scales"),
  NF4_DEQUANTIZE("nf4_to_f32", "nf4_to_bf16", "nf4_nested_to_f32", "nf4_nested_to_bf16"),
  NF4_MULTIPLY("nf4_multiply", "nf4_nested_multiply"),
  ATTENTION_FORWARD(widths("attention_")),
  ATTENTION_BACKWARD(
      Stream.concat(
              Stream.of(widths("attention_backward_queries_")),
              Stream.of(widths("attention_backward_keys_")))
          .toArray(String[]::new)),
  ATTENTION_WEIGHTS("attention_weights"),
  ATTENTION_MASS("attention_mass");

  /** What the files include, by the names they include it by. */
  static final List<String> HEADERS =
      List.of("common.cuh", "attention.cuh", "nf4_scales.cuh", "tensor_core.cuh");

  @SuppressWarnings("ImmutableEnumChecker") // a list that cannot change
  private final List<String> kernels;

  KernelSource(String... kernels) {
    this.kernels = List.of(kernels);
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

  private static String[] widths(String kernel) {
    return IntStream.of(CausalAttention.widths()).mapToObj(w -> kernel + w).toArray(String[]::new);
  }
}
