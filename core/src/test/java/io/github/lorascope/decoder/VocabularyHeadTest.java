package io.github.lorascope.decoder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.Golden;
import io.github.lorascope.backend.Backends;
import io.github.lorascope.backend.Precision;
import io.github.lorascope.checkpoint.CheckpointException;
import io.github.lorascope.gguf.GgufModels;
import io.github.lorascope.gguf.GgufType;
import io.github.lorascope.json.Json;
import io.github.lorascope.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Two tokens' logits are those that transformers' causal language model gives them. */
class VocabularyHeadTest {
  private static final double TOLERANCE = 2e-5;

  @TempDir Path folder;

  static Stream<Arguments> modelsAndBackends() {
    return Stream.of("causal", "causal-tied")
        .flatMap(model -> Backends.names().stream().map(name -> Arguments.of(model, name)));
  }

  private static LoadOptions exact(String backend) {
    return LoadOptions.defaults().with(Precision.F32).withBackend(backend);
  }

  private static void assertAnswers(String model, Decoder decoder) {
    JsonObject reference = Json.read(Golden.path(model + "/reference.json"));
    List<List<Double>> expected = rows(reference, "logits");
    List<int[]> prompts = new ArrayList<>();
    for (List<Double> prompt : rows(reference, "prompts")) {
      prompts.add(prompt.stream().mapToInt(Double::intValue).toArray());
    }
    for (int[] tokens : new int[][] {{33, 34}, {0, 95}, {7, 7}}) {
      Adapter head = decoder.vocabularyHead(tokens[0], tokens[1]);
      try (DecoderPass pass = decoder.forward(TokenBatch.of(prompts), head, PassOptions.SCORING)) {
        for (int i = 0; i < prompts.size(); i++) {
          for (int label = 0; label < 2; label++) {
            double logit = expected.get(i).get(tokens[label]);
            assertEquals(
                logit, pass.logits().get(i, label), TOLERANCE * Math.max(1, Math.abs(logit)));
          }
        }
      }
    }
  }

  private static List<List<Double>> rows(JsonObject json, String name) {
    List<List<Double>> rows = new ArrayList<>();
    json.node(name)
        .forEach(
            row -> {
              List<Double> numbers = new ArrayList<>();
              row.forEach(number -> numbers.add(number.asDouble()));
              rows.add(numbers);
            });
    return rows;
  }

  @ParameterizedTest
  @MethodSource("modelsAndBackends")
  void itsLogitsAreThoseOfTransformers(String model, String backend) {
    try (Decoder decoder = Decoder.load(Golden.path(model), exact(backend))) {
      assertAnswers(model, decoder);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"causal", "causal-tied"})
  void aGgufFileHasItToo(String model) throws IOException {
    Path file = folder.resolve("model.gguf");
    GgufModels.of(model, GgufType.F32).write(file);
    try (Decoder decoder = Decoder.load(file, exact("reference"))) {
      assertAnswers(model, decoder);
    }
  }

  /** As transformers 5 takes it, with a warning. */
  @Test
  void oneThatIsStoredCountsThoughTheConfigurationTiesIt() throws IOException {
    Files.copy(Golden.path("causal/model.safetensors"), folder.resolve("model.safetensors"));
    String config = Files.readString(Golden.path("causal/config.json"));
    assertTrue(config.contains("\"tie_word_embeddings\": false"));
    Files.writeString(
        folder.resolve("config.json"),
        config.replace("\"tie_word_embeddings\": false", "\"tie_word_embeddings\": true"));
    try (Decoder decoder = Decoder.load(folder, exact("reference"))) {
      assertAnswers("causal", decoder);
    }
  }

  @Test
  void itIsReadOnceAndFreedWithTheDecoder() {
    Decoder decoder = Decoder.load(Golden.path("causal"), exact("reference"));
    assertSame(decoder.vocabularyHead(1, 2), decoder.vocabularyHead(1, 2));
    decoder.close();
    assertEquals(0, decoder.backend().memory().used());
    assertThrows(IllegalStateException.class, () -> decoder.vocabularyHead(1, 2));
  }

  @Test
  void aClassifierHasNone() {
    try (Decoder decoder = Decoder.load(Golden.path("phi3"), exact("reference"))) {
      MissingHeadException e =
          assertThrows(MissingHeadException.class, () -> decoder.vocabularyHead(1, 2));
      assertTrue(e.getMessage().contains("phi3 has no head of a language model"), e.getMessage());
    }
  }

  @Test
  void aTokenBeyondTheVocabularyIsRefused() {
    try (Decoder decoder = Decoder.load(Golden.path("causal"), exact("reference"))) {
      assertThrows(VocabularyException.class, () -> decoder.vocabularyHead(1, 96));
      assertThrows(VocabularyException.class, () -> decoder.vocabularyHead(-1, 2));
    }
  }

  @Test
  void oneOfAnotherShapeIsRefusedWhenItIsAskedFor() throws IOException {
    Files.copy(Golden.path("causal/model.safetensors"), folder.resolve("model.safetensors"));
    String config = Files.readString(Golden.path("causal/config.json"));
    byte[] bytes = Files.readAllBytes(folder.resolve("model.safetensors"));
    String header = new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1);
    int at = header.indexOf("[96,32]", header.indexOf("lm_head.weight"));
    bytes[at + 1] = '4';
    bytes[at + 2] = '8';
    bytes[at + 4] = '6';
    bytes[at + 5] = '4';
    Files.write(folder.resolve("model.safetensors"), bytes);
    Files.writeString(folder.resolve("config.json"), config);
    try (Decoder decoder = Decoder.load(folder, exact("reference"))) {
      CheckpointException e =
          assertThrows(CheckpointException.class, () -> decoder.vocabularyHead(1, 2));
      assertTrue(e.getMessage().contains("lm_head.weight has the shape [48, 64]"), e.getMessage());
    }
  }
}
