package io.github.lorascope.decoder;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.lorascope.Golden;
import io.github.lorascope.LorascopeException;
import io.github.lorascope.backend.Backend;
import io.github.lorascope.backend.BackendException;
import io.github.lorascope.backend.BackendOptions;
import io.github.lorascope.backend.Backends;
import io.github.lorascope.backend.Precision;
import io.github.lorascope.backend.reference.ReferenceBackend;
import io.github.lorascope.checkpoint.CheckpointException;
import io.github.lorascope.checkpoint.ModelConfig;
import io.github.lorascope.checkpoint.SafetensorsFile;
import io.github.lorascope.checkpoint.SafetensorsWriter;
import io.github.lorascope.tensor.MemoryCapException;
import io.github.lorascope.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Checkpoints that were changed, mostly so that their parts do not fit each other. */
class DecoderLoadTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final TokenBatch BATCH = TokenBatch.of(List.of(new int[] {1, 50, 7, 33}));

  @TempDir Path folder;

  private final Backend backend = new ReferenceBackend(BackendOptions.defaults());
  private final Map<String, float[]> values = new LinkedHashMap<>();
  private final Map<String, long[]> shapes = new LinkedHashMap<>();

  @BeforeEach
  void copy() throws IOException {
    Files.copy(Golden.path("llama-gqa/config.json"), folder.resolve("config.json"));
    SafetensorsFile file = SafetensorsFile.open(Golden.path("llama-gqa/model.safetensors"));
    for (String name : file.names()) {
      values.put(name, file.floats(name));
      shapes.put(name, file.info(name).shape().stream().mapToLong(Long::longValue).toArray());
    }
  }

  @AfterEach
  void nothingIsLeft() {
    assertEquals(0, backend.memory().used());
    assertEquals(0, backend.memory().openScopes());
  }

  private void write() {
    SafetensorsWriter writer = new SafetensorsWriter();
    values.forEach((name, v) -> writer.f32(name, v, shapes.get(name)));
    writer.write(folder.resolve("model.safetensors"));
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "STORED")
  void whatIsConvertedCountsAndIsCapped(Quantization form) {
    write();
    LoadOptions options = LoadOptions.defaults().with(form);
    long stored = used(LoadOptions.defaults());
    long converted = used(options) - stored;
    long least = values.get("model.layers.0.mlp.down_proj.weight").length / 2;
    if (form == Quantization.F32) {
      assertEquals(0, converted, "the file's own numbers are not converted");
      return;
    }
    assertTrue(converted > least, converted + " bytes");
    Backend little =
        new ReferenceBackend(BackendOptions.defaults().withMemoryCap(stored + converted / 2));
    assertThrows(MemoryCapException.class, () -> Decoder.load(folder, options, little));
    assertEquals(0, little.memory().used());
  }

  private long used(LoadOptions options) {
    try (Decoder decoder = Decoder.load(folder, options, backend)) {
      return decoder.backend().memory().used();
    }
  }

  private void assertRefused(Quantization form, String... parts) {
    String message =
        assertThrows(
                LorascopeException.class,
                () -> Decoder.load(folder, LoadOptions.defaults().with(form), backend).close())
            .getMessage();
    for (String part : parts) {
      assertTrue(message.contains(part), message);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "model.embed_tokens.weight",
        "model.layers.2.self_attn.k_proj.weight",
        "model.layers.0.mlp.down_proj.weight",
        "model.layers.1.input_layernorm.weight",
        "model.norm.weight",
        "score.weight"
      })
  void numbersMustBeFiniteAndTensorsThere(String name) {
    float[] good = values.get(name);
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
      float[] spoilt = good.clone();
      spoilt[spoilt.length - 1] = bad;
      values.put(name, spoilt);
      write();
      assertRefused(Quantization.STORED, name);
      assertRefused(Quantization.NF4, name);
    }
    values.remove(name);
    write();
    if (name.startsWith("score")) {
      try (Decoder headless = Decoder.load(folder, LoadOptions.defaults(), backend)) {
        assertTrue(headless.score().isEmpty());
      }
    } else {
      assertRefused(Quantization.STORED, name);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "vocab_size, 161, embed_tokens",
    "hidden_size, 128, embed_tokens",
    "intermediate_size, 96, mlp.gate_proj.weight",
    "num_hidden_layers, 4, layers.3.",
    "num_key_value_heads, 4, self_attn.k_proj.weight",
    "num_key_value_heads, 3, num_key_value_heads",
    "num_attention_heads, 8, self_attn.q_proj.weight",
    "head_dim, 32, self_attn.q_proj.weight",
    "head_dim, 15, head_dim",
    "attention_bias, true, self_attn.q_proj.bias",
    "mlp_bias, true, mlp.gate_proj.bias",
  })
  void theConfigurationMustFitTheWeights(String field, String value, String part)
      throws IOException {
    write();
    configure(field, value);
    assertRefused(Quantization.STORED, part);
  }

  private void configure(String field, String value) throws IOException {
    ObjectNode config = (ObjectNode) JSON.readTree(folder.resolve("config.json").toFile());
    config.set(field, JSON.readTree(value));
    JSON.writeValue(folder.resolve("config.json").toFile(), config);
  }

  @Test
  void aHeadOfAnotherNumberOfLabelsIsRefused() {
    values.put("score.weight", new float[64]);
    shapes.put("score.weight", new long[] {1, 64});
    write();
    assertRefused(Quantization.STORED, "score.weight", "[1, 64]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "null",
        "{\"0\": \"A\", \"1\": \"B\"}",
        "{\"0\": \"LABEL_0\", \"1\": \"LABEL_1\"}"
      })
  void rowsOfAHeadAreThoseOfAAndB(String labels) throws IOException {
    write();
    configure("id2label", labels);
    assertEquals("", logOfLoading());
  }

  @Test
  void otherLabelsAreTakenAsAAndBWithAWarning() throws IOException {
    write();
    configure("id2label", "{\"0\": \"worse\", \"1\": \"better\"}");
    String log = logOfLoading();
    assertEquals(1, log.lines().count(), log);
    assertTrue(log.contains("'worse' and 'better', which are taken as A"), log);
    values.remove("score.weight");
    write();
    assertEquals("", logOfLoading(), "there is no head to be told of");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"0\": \"B\", \"1\": \"A\"} | exchange the two rows and the two labels",
        "[\"A\", \"B\"] | id2label has to be an object but is a list",
        "{\"0\": \"A\"} | id2label.1 is missing",
        "{\"0\": 1, \"1\": 0} | id2label.0 has to be a string but is 1",
      })
  void labelsThatCannotBeTakenAreRefused(String labels, String part) throws IOException {
    write();
    configure("id2label", labels);
    assertThrows(
        CheckpointException.class,
        () -> Decoder.load(folder, LoadOptions.defaults(), backend).close());
    assertRefused(Quantization.STORED, "config.json", part);
  }

  private String logOfLoading() {
    PrintStream console = System.err;
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    System.setErr(new PrintStream(log, true, UTF_8));
    try {
      Decoder.load(folder, LoadOptions.defaults(), backend).close();
    } finally {
      System.setErr(console);
    }
    return log.toString(UTF_8);
  }

  @Test
  void aBackendThatDoesNotExistIsRefused() {
    write();
    String message =
        assertThrows(
                BackendException.class,
                () -> Decoder.load(folder, LoadOptions.defaults().withBackend("tpu")))
            .getMessage();
    assertTrue(message.contains("tpu") && message.contains("reference"), message);
  }

  @Test
  void aBackendWhoseHeadsAreTooNarrowRefusesTheModelBeforeItsWeights() {
    write();
    CountingBackend narrow = new CountingBackend(backend, "maxHeadDimension", 15);
    String message =
        assertThrows(
                BackendException.class,
                () -> Decoder.load(folder, LoadOptions.defaults(), narrow.proxy()))
            .getMessage();
    assertTrue(message.contains("at most 15 numbers, and the model's have 16"), message);
    assertEquals(0, narrow.calls("prepare"));
  }

  @ParameterizedTest
  @EnumSource(Quantization.class)
  void everyFormComputes(Quantization form) {
    write();
    try (Decoder decoder = Decoder.load(folder, LoadOptions.defaults().with(form), backend);
        Decoder stored = Decoder.load(folder, LoadOptions.defaults(), backend);
        DecoderPass pass = pass(decoder);
        DecoderPass expected = pass(stored)) {
      for (int label = 0; label < 2; label++) {
        double difference = Math.abs(pass.logits().get(0, label) - expected.logits().get(0, label));
        boolean exact = form == Quantization.STORED || form == Quantization.F32;
        assertTrue(exact ? difference == 0 : difference < 0.3, form + ": " + difference);
      }
    }
  }

  static List<String> backends() {
    return Backends.names();
  }

  /** Where no other matrix has numbers, all that a layer adds is W (silu(gate) * up) and biases. */
  @ParameterizedTest
  @MethodSource("backends")
  void everyBiasIsAdded(String name) throws IOException {
    configure("attention_bias", "true");
    configure("mlp_bias", "true");
    keepDownAndBiasesAlone();
    write();
    List<float[]> states = states(name);
    assertEquals(4, states.size());
    for (int layer = 0; layer < 3; layer++) {
      float[] added = states.get(layer + 1).clone();
      float[] expected = new float[added.length];
      float[] ofEachToken = added("model.layers." + layer + ".");
      for (int i = 0; i < added.length; i++) {
        added[i] -= states.get(layer)[i];
        expected[i] = ofEachToken[i % ofEachToken.length];
      }
      assertArrayEquals(expected, added, 1e-5f, "layer " + layer);
    }
  }

  private void keepDownAndBiasesAlone() {
    ModelConfig config = ModelConfig.read(folder.resolve("config.json"));
    Random random = new Random(5);
    for (int layer = 0; layer < config.layers(); layer++) {
      for (LinearModule module : LinearModule.of(config)) {
        String at = "model.layers." + layer + "." + module.path();
        if (!module.name().equals("down_proj")) {
          Arrays.fill(values.get(at + ".weight"), 0);
        }
        float[] bias = new float[module.outputs()];
        for (int i = 0; i < bias.length; i++) {
          bias[i] = (float) random.nextGaussian();
        }
        values.put(at + ".bias", bias);
        shapes.put(at + ".bias", new long[] {bias.length});
      }
    }
  }

  /** The residual stream before and after each layer. */
  private List<float[]> states(String name) {
    List<float[]> states = new ArrayList<>();
    BackendOptions threads = BackendOptions.defaults().withThreads(2);
    LoadOptions options =
        LoadOptions.defaults().with(Precision.F32).withBackend(name).with(threads);
    try (Decoder decoder = Decoder.load(folder, options)) {
      decoder.observe(
          BATCH,
          null,
          new LayerListener() {
            @Override
            public void residual(int layers, Tensor residual) {
              states.add(residual.toArray());
            }
          });
    }
    return states;
  }

  /** What a layer adds to every token. */
  private float[] added(String at) {
    float[] gate = values.get(at + "mlp.gate_proj.bias");
    float[] up = values.get(at + "mlp.up_proj.bias");
    float[] down = values.get(at + "mlp.down_proj.weight");
    float[] added = new float[values.get(at + "mlp.down_proj.bias").length];
    for (int i = 0; i < added.length; i++) {
      double sum = values.get(at + "self_attn.o_proj.bias")[i];
      sum += values.get(at + "mlp.down_proj.bias")[i];
      for (int j = 0; j < gate.length; j++) {
        double silu = gate[j] / (1 + Math.exp(-gate[j]));
        sum += down[i * gate.length + j] * silu * up[j];
      }
      added[i] = (float) sum;
    }
    return added;
  }

  private static DecoderPass pass(Decoder decoder) {
    return decoder.forward(BATCH, null, PassOptions.SCORING);
  }
}
