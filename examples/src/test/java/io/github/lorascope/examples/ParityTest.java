package io.github.lorascope.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.backend.Backends;
import io.github.lorascope.backend.Precision;
import io.github.lorascope.checkpoint.CheckpointException;
import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.decoder.LoadOptions;
import io.github.lorascope.decoder.Quantization;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * States, attention, logits, loss, gradients and eight steps of AdamW against transformers and
 * PEFT, on every backend: the bounds are in {@link Parity}.
 */
class ParityTest {
  private static final List<String> MODELS =
      List.of(
          "phi3",
          "phi3-nf4",
          "phi3-window",
          "phi3-bnb4bit",
          "llama-gqa",
          "qwen2-bias",
          "llama-sharded",
          "qwen3",
          "llama3-rope",
          "phi3-partial",
          "phi3-longrope",
          "phi3-longrope-short");

  static Stream<Arguments> modelsAndBackends() {
    return MODELS.stream()
        .flatMap(model -> Backends.names().stream().map(name -> Arguments.of(model, name)));
  }

  /** The lists of backends below may be shorter elsewhere, but not where all is checked. */
  @Test
  void underContinuousIntegrationTheKernelsAreThere() {
    boolean there = Backends.names().stream().anyMatch(name -> name.startsWith("cuda"));
    if (!there && !"true".equals(System.getenv("CI"))) {
      System.out.println("the cuda backend is left out: see CONTRIBUTING.md for what it wants");
      return;
    }
    assertTrue(there, Backends.names().toString());
  }

  @ParameterizedTest(name = "{0} on {1}")
  @MethodSource("modelsAndBackends")
  void float32(String model, String backend) {
    LoadOptions options = LoadOptions.defaults().with(Precision.F32).withBackend(backend);
    List<Parity.Row> rows = Parity.check(Folders.golden(model), options);
    assertWithin(rows);
    for (String expected :
        List.of("hidden.0", "attention.1", "logits", "loss", "train.losses", "train.grad_norms")) {
      assertEquals(1, rows.stream().filter(row -> row.tensor().equals(expected)).count(), expected);
    }
    assertTrue(count(rows, "grad.") >= 5, "gradients");
    assertEquals(count(rows, "grad."), count(rows, "trained."));
  }

  @ParameterizedTest(name = "{0} on {1}")
  @MethodSource("modelsAndBackends")
  void bfloat16(String model, String backend) {
    LoadOptions options = LoadOptions.defaults().with(Precision.BF16).withBackend(backend);
    List<Parity.Row> rows = Parity.check(Folders.golden(model), options);
    assertWithin(rows);
    assertEquals(1 + count(rows, "grad."), rows.size());
    double largest = rows.stream().mapToDouble(Parity.Row::error).max().orElseThrow();
    assertTrue(largest > 1e-4, "the products were not rounded to bfloat16: " + largest);
  }

  static Stream<Arguments> nf4() {
    return Backends.names().stream()
        .flatMap(
            backend ->
                Stream.of(Quantization.NF4, Quantization.F32)
                    .map(form -> Arguments.of(backend, form)));
  }

  /** What is stored are NF4's values already: quantizing them again loses nothing. */
  @ParameterizedTest(name = "{1} on {0}")
  @MethodSource("nf4")
  void quantizingWhileLoading(String backend, Quantization form) {
    LoadOptions options =
        LoadOptions.defaults().with(Precision.F32).withBackend(backend).with(form);
    assertWithin(Parity.check(Folders.golden("phi3-nf4"), options));
  }

  private static long count(List<Parity.Row> rows, String prefix) {
    return rows.stream().filter(row -> row.tensor().startsWith(prefix)).count();
  }

  private static void assertWithin(List<Parity.Row> rows) {
    assertEquals(List.of(), rows.stream().filter(row -> !row.ok()).toList());
  }

  @ParameterizedTest
  @CsvSource({
    "gemma2, gemma2",
    "llama-proportional, proportional",
    "llama-partial, partial_rotary_factor",
    "phi3-linear, linear",
  })
  void whatIsNotSupportedIsRefusedByName(String folder, String name) {
    String message =
        assertThrows(
                CheckpointException.class,
                () ->
                    Decoder.load(Folders.resource("/refused/" + folder), LoadOptions.defaults())
                        .close())
            .getMessage();
    assertTrue(message.contains(name) && message.contains("config.json"), message);
  }
}
