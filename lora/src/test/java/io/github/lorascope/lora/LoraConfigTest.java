package io.github.lorascope.lora;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.Reference;
import io.github.lorascope.checkpoint.ModelConfig;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LoraConfigTest {
  private static final ModelConfig LLAMA =
      ModelConfig.read(Reference.path("llama-gqa/config.json"));

  private static LoraConfig config(int rank, List<Integer> layers, String... targets) {
    return new LoraConfig(List.of(targets), rank, 32, 0, false, layers);
  }

  private static ModelConfig phi3Mini() throws URISyntaxException {
    return ModelConfig.read(
        Path.of(LoraConfigTest.class.getResource("/phi3-mini-4k.json").toURI()));
  }

  @Test
  void countsPhi3MiniWithoutItsWeights() throws URISyntaxException {
    ModelConfig mini = phi3Mini();
    assertEquals(6_291_456, config(16, List.of(), "qkv_proj").parameterCount(mini));
    List<Integer> tenLayers = IntStream.rangeClosed(10, 19).boxed().toList();
    assertEquals(6_291_456 / 32 * 10, config(16, tenLayers, "qkv_proj").parameterCount(mini));
    assertEquals(
        16L * 32 * ((3072 + 9216) + (3072 + 3072) + (3072 + 16384) + (8192 + 3072)),
        config(16, List.of(), "all-linear").parameterCount(mini));
  }

  @ParameterizedTest
  @CsvSource({
    "q_proj, 384",
    "self_attn.q_proj, 384",
    "layers.1.self_attn.q_proj, 384",
    "model.layers.0.self_attn.k_proj, 288",
  })
  void aTargetIsANameOrTheEndOfOne(String target, long parameters) {
    // Rank 3 on 64 -> 64 (queries) or 64 -> 32 (keys), in every layer or the one that is named.
    long layers = target.contains("layers.") ? 1 : 3;
    assertEquals(parameters * layers, config(3, List.of(), target).parameterCount(LLAMA));
  }

  @ParameterizedTest
  @ValueSource(strings = {"q_pro", "proj", "_proj", "Q_proj", "score", "embed_tokens", "lm_head"})
  void aTargetThatMatchesNothingIsRefusedWithWhatThereIs(String target) {
    String message = refusal(config(4, List.of(), "v_proj", target));
    assertTrue(message.contains(target), message);
    assertTrue(message.contains("q_proj, k_proj, v_proj, o_proj, gate_proj"), message);
  }

  @Test
  void queriesAloneDoNotExistInAFusedModel() {
    ModelConfig phi3 = ModelConfig.read(Reference.path("phi3/config.json"));
    String message =
        assertThrows(
                AdapterException.class,
                () -> config(4, List.of(), "q_proj", "qkv_proj").parameterCount(phi3))
            .getMessage();
    assertTrue(message.contains("q_proj; there are qkv_proj, o_proj, gate_up_proj"), message);
  }

  @Test
  void aTargetInALayerThatGetsNoPathsMatchesNothing() {
    assertTrue(
        refusal(config(4, List.of(2), "layers.1.self_attn.q_proj")).contains("layers.1.self_attn"));
  }

  @Test
  void layersMustExist() {
    assertTrue(refusal(config(4, List.of(3), "q_proj")).contains("layer 3"));
    assertTrue(refusal(config(4, List.of(0, -1), "q_proj")).contains("layer -1"));
  }

  @Test
  void theScaleIsAlphaOverTheRankOrItsRoot() {
    assertEquals(2, config(16, List.of(), "q_proj").scale());
    assertEquals(8, new LoraConfig(List.of("q_proj"), 16, 32, 0, true, List.of()).scale());
  }

  @ParameterizedTest
  @CsvSource({
    "0, 32, 0, rank of 0",
    "-3, 32, 0, rank of -3",
    "16, 0, 0, alpha of 0.0",
    "16, -1, 0, alpha of -1.0",
    "16, NaN, 0, alpha of NaN",
    "16, Infinity, 0, alpha of Infinity",
    "16, 32, 1, dropout of 1.0",
    "16, 32, -0.1, dropout of -0.1",
    "16, 32, NaN, dropout of NaN",
  })
  void numbersOutOfRangeAreRefused(int rank, double alpha, double dropout, String message) {
    assertTrue(
        assertThrows(
                AdapterException.class,
                () -> new LoraConfig(List.of("q_proj"), rank, alpha, dropout, false, List.of()))
            .getMessage()
            .contains(message));
  }

  @Test
  void anAdapterNeedsTargets() {
    assertThrows(AdapterException.class, () -> config(4, List.of()));
  }

  private static String refusal(LoraConfig config) {
    return assertThrows(AdapterException.class, () -> config.parameterCount(LLAMA)).getMessage();
  }
}
