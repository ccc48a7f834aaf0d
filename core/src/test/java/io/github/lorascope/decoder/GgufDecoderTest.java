package io.github.lorascope.decoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.Golden;
import io.github.lorascope.backend.Backend;
import io.github.lorascope.backend.BackendOptions;
import io.github.lorascope.backend.Backends;
import io.github.lorascope.backend.Precision;
import io.github.lorascope.checkpoint.Checkpoint;
import io.github.lorascope.checkpoint.SafetensorsFile;
import io.github.lorascope.checkpoint.SafetensorsWriter;
import io.github.lorascope.gguf.GgufModels;
import io.github.lorascope.gguf.GgufType;
import io.github.lorascope.gguf.GgufWriter;
import io.github.lorascope.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A GGUF file computes what the checkpoint does that it was made of. */
class GgufDecoderTest {
  private static final int[] SHORT = {5, 9, 7, 100, 3, 44, 12};
  private static final TokenBatch BATCH = TokenBatch.of(List.of(SHORT, new int[] {8, 8, 150}));

  @TempDir Path folder;

  private static LoadOptions in(Quantization form) {
    return LoadOptions.defaults().with(form).with(Precision.F32).withBackend("reference");
  }

  /** All states of all tokens. */
  private static List<float[]> states(Decoder decoder, TokenBatch batch) {
    List<float[]> states = new ArrayList<>();
    decoder.observe(
        batch,
        null,
        new LayerListener() {
          @Override
          public void residual(int layers, Tensor x) {
            states.add(x.toArray());
          }

          @Override
          public void normalized(Tensor x) {
            states.add(x.toArray());
          }
        });
    return states;
  }

  private static List<float[]> states(Path model, LoadOptions options, TokenBatch batch) {
    try (Decoder decoder = Decoder.load(model, options)) {
      return states(decoder, batch);
    }
  }

  private static void assertSame(List<float[]> expected, List<float[]> actual) {
    assertEquals(expected.size(), actual.size());
    for (int i = 0; i < expected.size(); i++) {
      assertArrayEquals(expected.get(i), actual.get(i), "states " + i);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"llama-gqa", "phi3", "phi3-window", "phi3-partial", "qwen2-bias", "qwen3"})
  void float32ComputesTheSameNumbers(String model) throws IOException {
    Path file = GgufModels.of(model, GgufType.F32).write(folder.resolve("model.gguf"));
    assertEquals(Checkpoint.open(Golden.path(model)).config(), Checkpoint.open(file).config());
    for (Quantization form : Quantization.values()) {
      assertSame(states(Golden.path(model), in(form), BATCH), states(file, in(form), BATCH));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama3-rope", "phi3-longrope", "phi3-longrope-short"})
  void scaledRotaryEmbeddingsComputeTheSameNumbers(String model) throws IOException {
    Path file = GgufModels.of(model, GgufType.F32).write(folder.resolve("model.gguf"));
    int[] longer = new int[60];
    for (int i = 0; i < longer.length; i++) {
      longer[i] = (i * 37 + 11) % 160;
    }
    for (TokenBatch batch : List.of(BATCH, TokenBatch.of(List.of(longer)))) {
      List<float[]> expected = states(Golden.path(model), in(Quantization.STORED), batch);
      List<float[]> actual = states(file, in(Quantization.STORED), batch);
      for (int i = 0; i < expected.size(); i++) {
        assertClose(expected.get(i), actual.get(i), 1e-5);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Quantization.class)
  void storedNumbersAreWhatIsComputedWith(Quantization form) throws IOException {
    for (String model : List.of("llama-gqa", "phi3")) {
      for (GgufType type : List.of(GgufType.BF16, GgufType.Q8_0)) {
        Path file = GgufModels.of(model, type).write(folder.resolve(model + type + ".gguf"));
        Path same = Files.createDirectory(folder.resolve(model + type));
        writeNumbers(Checkpoint.open(file), model, same);
        assertSame(states(same, in(form), BATCH), states(file, in(form), BATCH));
      }
    }
  }

  /** Both types are so fine that the numbers have to be near those of the checkpoint. */
  private static void writeNumbers(Checkpoint gguf, String model, Path target) throws IOException {
    SafetensorsFile file = SafetensorsFile.open(Golden.path(model + "/model.safetensors"));
    SafetensorsWriter writer = new SafetensorsWriter();
    for (String name : file.names()) {
      List<Long> shape = file.info(name).shape();
      float[] original = file.floats(name);
      if (shape.size() == 2 && gguf.has(name)) {
        int rows = shape.get(0).intValue();
        int columns = shape.get(1).intValue();
        float[] numbers = new float[original.length];
        gguf.matrix(name, rows, columns).read(0, rows, numbers, 0);
        assertClose(original, numbers, 0.02);
        writer.f32(name, numbers, rows, columns);
      } else if (shape.size() == 1) {
        writer.f32(name, original, shape.get(0));
      }
    }
    writer.write(target.resolve("model.safetensors"));
    Files.copy(Golden.path(model + "/config.json"), target.resolve("config.json"));
  }

  private static void assertClose(float[] expected, float[] actual, double bound) {
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < expected.length; i++) {
      difference += Math.pow((double) expected[i] - actual[i], 2);
      norm += Math.pow(expected[i], 2);
    }
    assertTrue(Math.sqrt(difference) <= bound * Math.sqrt(norm), difference + " of " + norm);
  }

  static Stream<String> backends() {
    return Backends.names().stream();
  }

  @ParameterizedTest
  @MethodSource("backends")
  void everyBackendTakesBlocks(String name) throws IOException {
    Path file = GgufModels.of("llama-gqa", GgufType.Q8_0).write(folder.resolve("model.gguf"));
    List<float[]> expected = states(file, in(Quantization.STORED), BATCH);
    Backend backend = Backends.named(name, BackendOptions.defaults().withThreads(2));
    try (Decoder decoder = Decoder.load(file, in(Quantization.STORED), backend)) {
      List<float[]> actual = states(decoder, BATCH);
      for (int i = 0; i < expected.size(); i++) {
        assertClose(expected.get(i), actual.get(i), 1e-5);
      }
    }
    assertEquals(0, backend.memory().used());
    backend.close();
  }

  @Test
  void theDecoderNamesTheFile() throws IOException {
    Path file = GgufModels.of("phi3", GgufType.F32).write(folder.resolve("small.gguf"));
    try (Decoder decoder = Decoder.load(file)) {
      assertEquals(Optional.of(file), decoder.folder());
      assertTrue(decoder.score().isEmpty());
    }
  }

  @Test
  void biasesOfQueriesAndKeysAreInOrder() throws IOException {
    GgufWriter with = GgufModels.of("llama-gqa", GgufType.F32);
    GgufWriter without = GgufModels.of("llama-gqa", GgufType.F32);
    for (int layer = 0; layer < 3; layer++) {
      float[] stored = new float[64];
      for (int i = 0; i < stored.length; i++) {
        stored[i] = i;
      }
      with.f32("blk." + layer + ".attn_q.bias", stored, 64);
      with.f32("blk." + layer + ".attn_k.bias", new float[32], 32);
      with.f32("blk." + layer + ".attn_v.bias", new float[32], 32);
    }
    Checkpoint checkpoint = Checkpoint.open(with.write(folder.resolve("with.gguf")));
    assertTrue(checkpoint.config().queryKeyValueBias());
    float[] bias = checkpoint.vector("model.layers.1.self_attn.q_proj.bias", 64);
    assertArrayEquals(new float[] {0, 2, 4}, new float[] {bias[0], bias[1], bias[2]});
    assertArrayEquals(new float[] {1, 3, 17}, new float[] {bias[8], bias[9], bias[24]});
    assertFalse(
        Checkpoint.open(without.write(folder.resolve("without.gguf")))
            .config()
            .queryKeyValueBias());
  }
}
