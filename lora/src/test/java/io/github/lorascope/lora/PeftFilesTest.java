package io.github.lorascope.lora;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.lorascope.LorascopeException;
import io.github.lorascope.Reference;
import io.github.lorascope.backend.BackendOptions;
import io.github.lorascope.backend.reference.ReferenceBackend;
import io.github.lorascope.checkpoint.SafetensorsFile;
import io.github.lorascope.checkpoint.SafetensorsWriter;
import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.decoder.LoadOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Adapter folders that do not fit, or ask for what would change the result unseen. */
class PeftFilesTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String A0 =
      "base_model.model.model.layers.0.self_attn.qkv_proj.lora_A.weight";
  private static final String HEAD = "base_model.model.score.weight";

  @TempDir Path folder;

  private final ReferenceBackend backend = new ReferenceBackend(BackendOptions.defaults());
  private final Decoder phi3 =
      Decoder.load(Reference.path("phi3"), LoadOptions.defaults(), backend);
  private final Map<String, float[]> values = new LinkedHashMap<>();
  private final Map<String, long[]> shapes = new LinkedHashMap<>();

  @BeforeEach
  void copy() {
    Reference.copy("phi3/adapter", folder);
    SafetensorsFile file = SafetensorsFile.open(tensors());
    for (String name : file.names()) {
      values.put(name, file.floats(name));
      shapes.put(name, file.info(name).shape().stream().mapToLong(Long::longValue).toArray());
    }
  }

  @AfterEach
  void nothingIsLeft() {
    phi3.close();
    assertEquals(0, backend.memory().used());
    assertEquals(0, backend.memory().openScopes());
  }

  private Path tensors() {
    return folder.resolve("adapter_model.safetensors");
  }

  private Path config() {
    return folder.resolve("adapter_config.json");
  }

  private void write() {
    SafetensorsWriter writer = new SafetensorsWriter();
    values.forEach((name, v) -> writer.f32(name, v, shapes.get(name)));
    writer.write(tensors());
  }

  private void setting(String field, String json) {
    try {
      ObjectNode object = (ObjectNode) JSON.readTree(config().toFile());
      object.set(field, JSON.readTree(json));
      JSON.writeValue(config().toFile(), object);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private String refusal(Decoder decoder) {
    String message =
        assertThrows(LorascopeException.class, () -> LoraAdapter.load(decoder, folder).close())
            .getMessage();
    assertTrue(message.contains(folder.toString()), message);
    assertTrue(!message.contains("\n"), message);
    return message;
  }

  private void assertRefused(String... parts) {
    String message = refusal(phi3);
    for (String part : parts) {
      assertTrue(message.contains(part), message);
    }
  }

  /** What Python tools ask the hub for, and not the commit's folder. */
  @Test
  void aBaseOfTheHubIsNamedAsThere() throws IOException {
    String commit = "0123456789abcdef0123456789abcdef01234567";
    Path snapshot = folder.resolve("models--org--phi/snapshots").resolve(commit);
    Reference.copy("phi3", snapshot);
    Path saved = folder.resolve("saved");
    try (Decoder base = Decoder.load(snapshot, LoadOptions.defaults(), backend);
        LoraAdapter adapter = LoraAdapter.on(base).targets("qkv_proj").attach()) {
      assertEquals("org/phi", base.name().orElseThrow());
      adapter.save(saved, Map.of());
    }
    JsonNode config = JSON.readTree(saved.resolve("adapter_config.json").toFile());
    assertEquals("org/phi", config.get("base_model_name_or_path").asText());
    assertEquals(commit, config.get("revision").asText());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "peft_type | \"LOHA\"",
        "use_dora | true",
        "use_qalora | true",
        "use_bdlora | {\"x\": 1}",
        "rank_pattern | {\"qkv_proj\": 8}",
        "alpha_pattern | {\"qkv_proj\": 8}",
        "bias | \"lora_only\"",
        "bias | \"all\"",
        "lora_bias | true",
        "fan_in_fan_out | true",
        "layer_replication | [[0, 2], [1, 3]]",
        "exclude_modules | [\"o_proj\"]",
        "target_parameters | [\"x\"]",
        "trainable_token_indices | [1, 2]",
        "alora_invocation_tokens | [7]",
        "modules_to_save | [\"score\", \"embed_tokens\"]",
        "init_lora_weights | \"pissa\"",
        "init_lora_weights | \"olora\"",
        "init_lora_weights | \"loftq\"",
        "a_setting_of_tomorrow | 1",
        "target_modules | \".*_proj\"",
      })
  void whatChangesTheResultIsRefusedByName(String field, String value) {
    setting(field, value);
    assertRefused(field, "not supported");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "r | 0 | rank of 0",
        "r | -4 | rank of -4",
        "r | 2.5 | r",
        "r | \"4\" | r",
        "r | 99999999999999999999 | r",
        "lora_alpha | 0 | alpha of 0.0",
        "lora_alpha | -8 | alpha of -8.0",
        "lora_dropout | 1 | dropout of 1.0",
        "lora_dropout | null | ",
        "target_modules | null | target_modules",
        "target_modules | [] | targets",
        "target_modules | [\"q_proj\"] | q_proj",
        "target_modules | [\"q_proj\", \"qkv_proj\", \"gate_proj\"] | ",
        "target_modules | [1] | target_modules",
        "layers_to_transform | [0, 9] | layer 9",
      })
  void settingsOutOfRangeAreRefused(String field, String value, String part) {
    setting(field, value);
    if (part == null) {
      LoraAdapter.load(phi3, folder).close();
    } else {
      assertTrue(
          assertThrows(LorascopeException.class, () -> LoraAdapter.load(phi3, folder).close())
              .getMessage()
              .contains(part));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 5, 8, 1_000_000, 2_000_000, 500_000_000, Integer.MAX_VALUE})
  void aRankThatTheTensorsDoNotHaveIsRefusedBeforeMemoryIsTaken(int rank) {
    setting("r", Integer.toString(rank));
    long peak = backend.memory().peak();
    assertRefused(A0, "[4, 64]", "[" + rank + ", 64]");
    assertEquals(peak, backend.memory().peak());
  }

  @Test
  void anAdapterOfAnotherModelIsRefused() throws IOException {
    try (Decoder llama =
        Decoder.load(Reference.path("llama-gqa"), LoadOptions.defaults(), backend)) {
      assertTrue(refusalOf(llama).contains("there are q_proj, k_proj"));
    }
    try (Decoder wider =
        Decoder.load(Reference.path("phi3-nf4"), LoadOptions.defaults(), backend)) {
      assertTrue(refusal(wider).contains("made for another model"));
    }
  }

  private String refusalOf(Decoder decoder) {
    return assertThrows(LorascopeException.class, () -> LoraAdapter.load(decoder, folder).close())
        .getMessage();
  }

  @Test
  void aTensorMayNotBeMissing() {
    values.remove(A0);
    write();
    assertRefused("lacks the tensor " + A0);
  }

  @Test
  void fewerLayersThanTheTensorsHaveIsRefused() {
    setting("layers_to_transform", "[0, 1]");
    assertRefused("4 tensors", "layers.2.self_attn.qkv_proj.lora_A.weight");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "base_model.model.model.layers.4.self_attn.qkv_proj.lora_A.weight",
        "base_model.model.model.layers.0.self_attn.qkv_proj.lora_magnitude_vector",
        "base_model.model.model.embed_tokens.weight",
        "base_model.model.score.bias",
        "x"
      })
  void aTensorMayNotBeLeftOver(String name) {
    values.put(name, new float[4]);
    shapes.put(name, new long[] {4});
    write();
    assertRefused(name);
  }

  @Test
  void aMatrixMayNotHaveAnotherShape() {
    shapes.put(A0, new long[] {64, 4});
    write();
    assertRefused(A0, "[64, 4]", "[4, 64]");
    shapes.put(A0, new long[] {256});
    write();
    assertRefused(A0, "[256]");
  }

  @Test
  void aHeadOfThreeLabelsIsRefused() {
    values.put(HEAD, new float[3 * 64]);
    shapes.put(HEAD, new long[] {3, 64});
    write();
    assertRefused(HEAD, "[3, 64]", "[2, 64]");
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
  void numbersMustBeFinite(float value) {
    values.get(A0)[255] = value;
    write();
    assertRefused(A0, Float.toString(value));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 7, 100, 2000, -1})
  void aTruncatedFileIsRefused(int length) throws IOException {
    byte[] bytes = Files.readAllBytes(tensors());
    Files.write(tensors(), Arrays.copyOf(bytes, length < 0 ? bytes.length + length : length));
    assertRefused("adapter_model.safetensors");
  }

  @Test
  void bothFilesMustBeThere() throws IOException {
    Files.delete(tensors());
    assertRefused("adapter_model.safetensors");
    Files.delete(config());
    assertRefused("adapter_config.json does not exist");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "{", "{}", "{\"r\": 4, \"r\": 4}", "{\"peft_type\": 4}"})
  void aConfigurationThatIsNoneIsRefused(String text) throws IOException {
    Files.writeString(config(), text);
    assertRefused("adapter_config.json");
  }

  @Test
  void theHeadMayCarryItsWrappersName() {
    values.put(HEAD.replace("score.", "score.modules_to_save."), values.remove(HEAD));
    shapes.put(HEAD.replace("score.", "score.modules_to_save."), shapes.remove(HEAD));
    write();
    LoraAdapter.load(phi3, folder).close();
    values.put(HEAD, new float[128]);
    shapes.put(HEAD, new long[] {2, 64});
    write();
    assertRefused("twice");
  }

  @Test
  void withoutAHeadTheBasesIsTaken() {
    values.remove(HEAD);
    write();
    assertRefused("lacks the tensor " + HEAD, "modules_to_save");
    setting("modules_to_save", "[\"classifier\"]");
    try (LoraAdapter adapter = LoraAdapter.load(phi3, folder)) {
      assertArrayEquals(
          phi3.score().orElseThrow().toArray(), adapter.view().values().head().toArray());
    }
  }

  @Test
  void oneOfTheTwoMustHaveAHead(@TempDir Path base) throws IOException {
    Files.copy(Reference.path("phi3/config.json"), base.resolve("config.json"));
    SafetensorsFile model = SafetensorsFile.open(Reference.path("phi3/model.safetensors"));
    SafetensorsWriter writer = new SafetensorsWriter();
    for (String name : model.names()) {
      if (!name.contains("score")) {
        writer.f32(
            name,
            model.floats(name),
            model.info(name).shape().stream().mapToLong(Long::longValue).toArray());
      }
    }
    writer.write(base.resolve("model.safetensors"));
    try (Decoder headless = Decoder.load(base, LoadOptions.defaults(), backend)) {
      try (LoraAdapter adapter = LoraAdapter.load(headless, folder)) {
        assertArrayEquals(values.get(HEAD), adapter.view().values().head().toArray());
      }
      values.remove(HEAD);
      write();
      setting("modules_to_save", "null");
      String message = refusal(headless);
      assertTrue(message.contains(HEAD) && message.contains("modules_to_save"), message);
    }
  }

  @Test
  void otherRealSpellingsLoad() {
    setting("layers_to_transform", "[0, 1, 2, 3]");
    setting("layers_pattern", "\"layers\"");
    LoraAdapter.load(phi3, folder).close();
    setting("layers_pattern", "[\"layers\"]");
    setting("target_modules", "\"all-linear\"");
    assertRefused("lacks the tensor");
    setting("target_modules", "\"qkv_proj\"");
    setting("lora_alpha", "8.5");
    setting("use_rslora", "true");
    setting("init_lora_weights", "\"gaussian\"");
    setting("modules_to_save", "null");
    try (LoraAdapter adapter = LoraAdapter.load(phi3, folder)) {
      assertEquals(4.25, adapter.config().scale());
      assertEquals(List.of(0, 1, 2, 3), adapter.config().layers());
    }
  }
}
