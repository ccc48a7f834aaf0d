package io.github.lorascope.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelConfigTest {
  private static final String SIZES =
      "\"vocab_size\":100,\"hidden_size\":64,\"intermediate_size\":96,"
          + "\"num_hidden_layers\":3,\"num_attention_heads\":4";

  @TempDir Path folder;

  @Test
  void readsWhatTransformersFiveWrote() {
    assertEquals(
        new ModelConfig(
            ModelType.PHI3,
            160,
            64,
            112,
            4,
            4,
            4,
            16,
            128,
            1e-5f,
            RotaryEmbedding.plain(10_000, 16, 128),
            Collections.nCopies(4, 9),
            false,
            false,
            false,
            false,
            false),
        ModelConfig.read(Golden.path("phi3-window/config.json")));
    ModelConfig llama = ModelConfig.read(Golden.path("llama-gqa/config.json"));
    assertEquals(ModelType.LLAMA, llama.type());
    assertEquals(2, llama.keyValueHeads());
    assertEquals(100_000, llama.rotary().theta());
    assertEquals(64, llama.queryWidth());
    assertEquals(32, llama.keyValueWidth());
    assertTrue(llama.tiedEmbeddings());
    assertFalse(llama.queryKeyValueBias());
    ModelConfig qwen = ModelConfig.read(Golden.path("qwen2-bias/config.json"));
    assertTrue(qwen.queryKeyValueBias());
    assertFalse(qwen.outputBias());
    assertEquals(List.of(0, 0, 0), qwen.windows());
    assertEquals(ModelType.PHI3, ModelConfig.read(Golden.path("phi3-bnb4bit/config.json")).type());
  }

  @Test
  void readsWhatTransformersFourWrote() throws IOException {
    ModelConfig config =
        read(
            "phi3",
            "\"rope_theta\":5000.0,\"rope_scaling\":null,\"torch_dtype\":\"bfloat16\","
                + "\"attention_bias\":false,\"auto_map\":{\"AutoConfig\":\"x\"},"
                + "\"max_position_embeddings\":4096,\"sliding_window\":2047,"
                + "\"num_key_value_heads\":2,\"rms_norm_eps\":1e-06,"
                + "\"tie_word_embeddings\":true");
    assertEquals(5000, config.rotary().theta());
    assertEquals(2047, config.window(2));
    assertEquals(2, config.keyValueHeads());
    assertEquals(1e-6f, config.rmsNormEpsilon());
    assertTrue(config.tiedEmbeddings());
    assertEquals(
        7.0,
        read("llama", "\"rope_scaling\":{\"type\":\"default\"},\"rope_theta\":7").rotary().theta());
    assertEquals(
        6.0,
        read("llama", "\"rope_parameters\":{\"rope_theta\":6},\"rope_scaling\":{}")
            .rotary()
            .theta());
  }

  @ParameterizedTest
  @CsvSource({
    "phi3,   4, 1e-5,   4096,    0",
    "llama,  4, 1e-6,   2048,    0",
    "mistral,8, 1e-6, 131072, 4096",
    "qwen2, 32, 1e-6,  32768,    0",
    "qwen3, 32, 1e-6,  32768,    0"
  })
  void fillsInTheDefaultsOfTransformers(
      String type, int keyValueHeads, float epsilon, int positions, int window) throws IOException {
    String heads = keyValueHeads == 4 ? "" : ",\"num_attention_heads\":32";
    ModelConfig config =
        readText(
            "{\"model_type\":\""
                + type
                + "\",\"vocab_size\":100,\"hidden_size\":64,\"intermediate_size\":96,"
                + "\"num_hidden_layers\":3"
                + (heads.isEmpty() ? ",\"num_attention_heads\":4" : heads)
                + "}");
    assertEquals(keyValueHeads, config.keyValueHeads());
    assertEquals(epsilon, config.rmsNormEpsilon());
    assertEquals(positions, config.maxPositions());
    assertEquals(10_000, config.rotary().theta());
    assertEquals(Collections.nCopies(3, window), config.windows());
    assertFalse(config.tiedEmbeddings());
  }

  /** The fields stand beside three layers; ~ stands for the quote. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "phi3 | ~sliding_window~:null | [0, 0, 0]",
        "phi3 | ~sliding_window~:5 | [5, 5, 5]",
        "llama | ~sliding_window~:5 | [0, 0, 0]",
        "mistral | ~num_key_value_heads~:4,~sliding_window~:null | [0, 0, 0]",
        "mistral | ~num_key_value_heads~:null | [4096, 4096, 4096]",
        "mistral | ~num_key_value_heads~:4,~sliding_window~:5,~layer_types~:"
            + "[~full_attention~,~sliding_attention~,~full_attention~] | [0, 5, 0]",
        "mistral | ~num_key_value_heads~:4,~sliding_window~:5,~layer_types~:null | [5, 5, 5]",
        "qwen2 | ~num_key_value_heads~:4,~sliding_window~:5 | [0, 0, 0]",
        "qwen2 | ~num_key_value_heads~:4,~use_sliding_window~:false,~sliding_window~:5,"
            + "~max_window_layers~:0 | [0, 0, 0]",
        "qwen2 | ~num_key_value_heads~:4,~use_sliding_window~:true,~sliding_window~:5,"
            + "~max_window_layers~:1 | [0, 5, 5]",
        "qwen2 | ~num_key_value_heads~:4,~use_sliding_window~:true,~sliding_window~:5 | [0, 0, 0]",
        "qwen2 | ~num_key_value_heads~:4,~use_sliding_window~:true,~max_window_layers~:2"
            + " | [0, 0, 4096]",
        "qwen2 | ~num_key_value_heads~:4,~use_sliding_window~:true,~sliding_window~:5,~layer_types~:"
            + "[~sliding_attention~,~full_attention~,~sliding_attention~] | [5, 0, 5]",
        "qwen2 | ~num_key_value_heads~:4,~use_sliding_window~:true,~sliding_window~:null,"
            + "~max_window_layers~:0 | [0, 0, 0]",
      })
  void findsTheWindowOfEachLayer(String type, String fields, String windows) throws IOException {
    assertEquals(windows, read(type, fields.replace('~', '"')).windows().toString());
  }

  @Test
  void knowsWhichProjectionsHaveBiases() throws IOException {
    ModelConfig biased = read("llama", "\"attention_bias\":true,\"mlp_bias\":true");
    assertTrue(biased.queryKeyValueBias() && biased.outputBias() && biased.mlpBias());
    ModelConfig qwen = read("qwen2", "\"num_key_value_heads\":4");
    assertTrue(qwen.queryKeyValueBias());
    assertFalse(qwen.outputBias() || qwen.mlpBias());
  }

  /** The values of Phi-3.5 Mini, as its makers wrote them for transformers 4. */
  @Test
  void readsLongRope() throws IOException {
    String factors = "[1.0,1.0,1.25,1.25,1.5,2.0,2.0,4.0]";
    RotaryEmbedding rotary =
        read(
                "phi3",
                "\"max_position_embeddings\":131072,\"original_max_position_embeddings\":4096,"
                    + "\"rope_theta\":10000.0,\"rope_scaling\":{\"type\":\"su\",\"short_factor\":"
                    + factors.replace("4.0", "1.0")
                    + ",\"long_factor\":"
                    + factors
                    + "}")
            .rotary();
    assertEquals(1.1902381f, rotary.magnitude(), 1e-6);
    assertEquals(4096, rotary.originalPositions());
    float last = RotaryEmbedding.plain(10_000, 16, 1).frequencies().get(7);
    assertEquals(last, rotary.frequencies(4096).get(7));
    assertEquals(last / 4, rotary.frequencies(4097).get(7));
  }

  /** As Phi3Config: its own field, 4096 where it is missing, goes before the factors'. */
  @ParameterizedTest
  @CsvSource({"'\"original_max_position_embeddings\":2048,', 2048", "'', 4096"})
  void phi3SaysItsOwnOriginalLength(String field, int original) throws IOException {
    String factors = "[1.0,1.0,1.0,1.0,1.0,1.0,1.0,1.0]";
    RotaryEmbedding rotary =
        read(
                "phi3",
                field
                    + "\"max_position_embeddings\":131072,\"rope_scaling\":{\"type\":\"longrope\","
                    + "\"original_max_position_embeddings\":8192,\"short_factor\":"
                    + factors
                    + ",\"long_factor\":"
                    + factors
                    + "}")
            .rotary();
    assertEquals(original, rotary.originalPositions());
  }

  /** The values of Llama 3.1: short waves stay, long ones are stretched by 8. */
  @Test
  void readsTheRopeOfLlama3() throws IOException {
    RotaryEmbedding rotary =
        read(
                "llama",
                "\"head_dim\":128,\"max_position_embeddings\":131072,\"rope_theta\":500000.0,"
                    + "\"rope_scaling\":{\"factor\":8.0,\"low_freq_factor\":1.0,"
                    + "\"high_freq_factor\":4.0,\"original_max_position_embeddings\":8192,"
                    + "\"rope_type\":\"llama3\"}")
            .rotary();
    RotaryEmbedding plain = RotaryEmbedding.plain(500_000, 128, 131_072);
    assertEquals(plain.frequencies().get(10), rotary.frequencies(5).get(10));
    assertEquals(plain.frequencies().get(60) / 8, rotary.frequencies(9000).get(60));
    assertEquals(1, rotary.magnitude());
  }

  /** Frequencies and magnitudes that {@code modeling_rope_utils.py} of transformers 5.17 gives. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "~rope_theta~:1e6,~max_position_embeddings~:131072,~original_max_position_embeddings~:32768,"
            + "~rope_scaling~:{~rope_type~:~yarn~,~factor~:4.0}"
            + "| 1.1386294 | 1 0.17782794 0.031622779 0.0042175599 0.00050000002 4.4456985e-05"
            + " 7.9056936e-06 1.4058534e-06",
        "~max_position_embeddings~:8192,~rope_scaling~:{~type~:~yarn~,"
            + "~original_max_position_embeddings~:2048,~factor~:4,~beta_fast~:0,~mscale~:1}"
            + "| 1.1386294 | 1 0.31622776 0.1 0.025693506 0.0062499996 0.0013834966 0.00025"
            + " 7.9056947e-05",
        "~rope_parameters~:{~rope_theta~:1e4,~rope_type~:~yarn~,~factor~:8.0,~beta_fast~:16.0,"
            + "~beta_slow~:2.0,~truncate~:false,~mscale~:1.0,~mscale_all_dim~:0.5}"
            + "| 1.0941800 | 1 0.31622776 0.1 0.031622779 0.0062218891 0.00043557558 0.000125"
            + " 3.9528473e-05",
        "~rope_scaling~:{~rope_type~:~yarn~,~factor~:2.0,~attention_factor~:0.75}"
            + "| 0.75 | 1 0.31622776 0.1 0.027669931 0.0074999998 0.0019764237 0.0005"
            + " 0.00015811389",
        "~rope_scaling~:{~type~:~linear~,~factor~:2.7}"
            + "| 1 | 0.37037036 0.11712139 0.037037037 0.01171214 0.0037037036 0.001171214"
            + " 0.00037037037 0.0001171214",
        "~rope_scaling~:{~type~:~dynamic~,~factor~:2.7}"
            + "| 1 | 1 0.31622776 0.1 0.031622779 0.01 0.0031622779 0.001 0.00031622779"
      })
  void readsScaledRopes(String fields, float magnitude, String frequencies) throws IOException {
    String positions =
        fields.contains("max_position") ? fields : "~max_position_embeddings~:4096," + fields;
    RotaryEmbedding rotary = read("llama", positions.replace('~', '"')).rotary();
    assertEquals(magnitude, rotary.magnitude(), 1e-6f);
    List<Float> expected =
        Pattern.compile(" ").splitAsStream(frequencies).map(Float::valueOf).toList();
    assertEquals(expected.size(), rotary.frequencies().size());
    for (int i = 0; i < expected.size(); i++) {
      assertEquals(expected.get(i), rotary.frequencies().get(i), 1e-6f * expected.get(i));
    }
    assertEquals(rotary.frequencies(), rotary.longFrequencies());
  }

  /** As in transformers, for every type: the outer field goes first, and one of them is enough. */
  @ParameterizedTest
  @CsvSource({
    "'\"original_max_position_embeddings\":64,', '\"original_max_position_embeddings\":8192,'",
    "'\"original_max_position_embeddings\":64,', ''",
    "'', '\"original_max_position_embeddings\":64,'"
  })
  void theOriginalLengthMayStandInTwoPlaces(String outside, String inside) throws IOException {
    RotaryEmbedding rotary =
        read(
                "llama",
                outside
                    + "\"head_dim\":128,\"max_position_embeddings\":131072,\"rope_scaling\":{"
                    + inside
                    + "\"factor\":8.0,\"low_freq_factor\":1.0,\"high_freq_factor\":4.0,"
                    + "\"rope_type\":\"llama3\"}")
            .rotary();
    RotaryEmbedding plain = RotaryEmbedding.plain(10_000, 128, 131_072);
    assertEquals(plain.frequencies().get(0), rotary.frequencies(5).get(0));
    // a wave of 471 positions: short for 8192 of them, long for 64
    assertEquals(plain.frequencies().get(30) / 8, rotary.frequencies(5).get(30));
  }

  @Test
  void takesAnExplicitHeadDimension() throws IOException {
    assertEquals(24, read("llama", "\"head_dim\":24").headDimension());
    assertEquals(96, read("llama", "\"head_dim\":24").queryWidth());
    assertEquals(16, read("llama", "\"head_dim\":null").headDimension());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "gemma | ~x~:1 | gemma is not supported; supported are phi3, llama, mistral, qwen2, qwen3",
        "gpt2 | ~x~:1 | gpt2 is not supported",
        "PHI3 | ~x~:1 | PHI3 is not supported",
        "qwen2 | ~num_key_value_heads~:4,~is_causal~:false | is_causal false is not supported",
        "llama | ~hidden_act~:~gelu~ | hidden_act gelu is not supported",
        "llama | ~rope_scaling~:{~type~:~linear~,~factor~:0} | rope_scaling.factor 0.0",
        "llama | ~rope_scaling~:{~type~:~linear~,~factor~:1e-45} | makes frequencies",
        "llama | ~rope_scaling~:{~type~:~linear~} | factor",
        "llama | ~rope_scaling~:{~type~:~proportional~} | type proportional",
        "llama | ~rope_scaling~:{~rope_type~:~llama3~,~factor~:8.0} | low_freq_factor",
        "llama | ~rope_scaling~:{~rope_type~:~llama3~,~factor~:0,~low_freq_factor~:1,"
            + "~high_freq_factor~:4,~original_max_position_embeddings~:8} | factor 0",
        "llama | ~rope_scaling~:{~rope_type~:~llama3~,~factor~:8,~low_freq_factor~:4,"
            + "~high_freq_factor~:4,~original_max_position_embeddings~:8} | high_freq_factor",
        "llama | ~rope_parameters~:{~rope_type~:~yarn~,~rope_theta~:1} | rope_theta 1.0",
        "llama | ~rope_scaling~:{~type~:~yarn~,~factor~:4,~beta_slow~:-1} | beta_slow -1.0",
        "llama | ~rope_scaling~:{~type~:~yarn~,~factor~:4,~mscale~:-99,~mscale_all_dim~:1}"
            + " | mscale_all_dim make a magnitude of -11.1",
        "llama | ~rope_scaling~:{~type~:~yarn~} | factor",
        "llama | ~rope_scaling~:{~type~:~yarn~,~original_max_position_embeddings~:0}"
            + " | original_max_position_embeddings 0",
        "phi3 | ~rope_scaling~:{~type~:~longrope~} | short_factor",
        "phi3 | ~rope_scaling~:{~type~:~su~} | short_factor",
        "phi3 | ~rope_scaling~:{~type~:~longrope~,~short_factor~:[1,2]} | has 2 numbers, not 8",
        "phi3 | ~rope_scaling~:{~type~:~longrope~,~short_factor~:[1,1,1,1,1,1,1,0]} | has 0.0",
        "phi3 | ~original_max_position_embeddings~:1,~rope_scaling~:{~type~:~longrope~}"
            + " | original_max_position_embeddings 1",
        "phi3 | ~rope_scaling~:{~type~:~linear~,~factor~:2} | type linear is not supported for phi3",
        "phi3 | ~rope_scaling~:{~type~:~dynamic~,~factor~:2} | type dynamic is not supported",
        "llama | ~rope_scaling~:{~type~:~su~} | type su",
        "qwen2 | ~num_key_value_heads~:4,~rope_parameters~:{~full_attention~:"
            + "{~rope_type~:~yarn~}} | full_attention",
        "llama | ~partial_rotary_factor~:0.75 | partial_rotary_factor 0.75",
        "qwen3 | ~num_key_value_heads~:4,~rope_parameters~:{~partial_rotary_factor~:0.75}"
            + " | partial_rotary_factor 0.75",
        "phi3 | ~partial_rotary_factor~:0.7 | partial_rotary_factor 0.7",
        "phi3 | ~partial_rotary_factor~:0 | partial_rotary_factor 0",
        "phi3 | ~partial_rotary_factor~:1.5 | partial_rotary_factor 1.5",
        "llama | ~rope_theta~:0 | rope_theta",
        "llama | ~rope_theta~:-1.0 | rope_theta",
        "llama | ~rope_theta~:1e999 | rope_theta",
        "llama | ~rope_theta~:~x~ | rope_theta",
        "llama | ~rope_theta~:1e-300 | rope_theta 1.0E-300 makes frequencies",
        "llama | ~rope_parameters~:{~rope_theta~:1e-43} | rope_theta 1.0E-43 makes frequencies",
        "llama | ~rope_scaling~:{~rope_type~:~llama3~,~factor~:1e-45,~low_freq_factor~:1,"
            + "~high_freq_factor~:4,~original_max_position_embeddings~:8}"
            + " | rope_scaling.factor 1.0E-45 makes frequencies",
        "phi3 | ~rope_scaling~:{~type~:~longrope~,~short_factor~:[1,1,1,1,1,1,1,1],"
            + "~long_factor~:[1e-45,1,1,1,1,1,1,1]} | rope_scaling.long_factor makes frequencies",
        "llama | ~rms_norm_eps~:0 | rms_norm_eps",
        "llama | ~rms_norm_eps~:-1e-5 | rms_norm_eps",
        "llama | ~rms_norm_eps~:1e-60 | rms_norm_eps",
        "llama | ~num_key_value_heads~:3 | num_key_value_heads 3 does not divide",
        "llama | ~num_key_value_heads~:0 | num_key_value_heads 0",
        "llama | ~num_key_value_heads~:8 | num_key_value_heads 8 does not divide",
        "mistral | ~x~:1 | num_key_value_heads 8 does not divide",
        "llama | ~head_dim~:17 | 17 wide",
        "llama | ~head_dim~:0 | head_dim 0",
        "llama | ~head_dim~:-16 | head_dim -16",
        "llama | ~max_position_embeddings~:0 | max_position_embeddings 0",
        "phi3 | ~sliding_window~:0 | sliding_window 0",
        "phi3 | ~sliding_window~:-1 | sliding_window -1",
        "phi3 | ~sliding_window~:2.5 | sliding_window",
        "phi3 | ~attention_bias~:true | attention_bias",
        "mistral | ~num_key_value_heads~:4,~mlp_bias~:true | mlp_bias",
        "llama | ~layer_types~:[~full_attention~] | layer_types has 1 entries",
        "llama | ~layer_types~:[~full_attention~,~linear_attention~,~x~] | linear_attention",
        "llama | ~tie_word_embeddings~:1 | tie_word_embeddings",
        "llama | ~quantization_config~:{~quant_method~:~gptq~,~bits~:4} | gptq",
        "llama | ~quantization_config~:{~quant_method~:~awq~} | awq",
        "llama | ~quantization_config~:{~quant_method~:~fp8~} | fp8",
        "llama | ~quantization_config~:{~quant_method~:~bitsandbytes~,~load_in_8bit~:true}"
            + " | int8",
        "llama | ~quantization_config~:{~quant_method~:~bitsandbytes~,~load_in_4bit~:true,"
            + "~bnb_4bit_quant_type~:~fp4~} | fp4",
        "llama | ~quantization_config~:{~load_in_4bit~:true} | fp4",
        "llama | ~quantization_config~:{~quant_method~:~bitsandbytes~} | bitsandbytes",
        "llama | ~quantization_config~:{} | unnamed",
        "llama | ~quantization_config~:3 | quantization_config",
        "llama | ~compression_config~:{} | compression_config",
      })
  void refusesWhatIsNotSupported(String type, String fields, String hint) {
    assertSays(() -> read(type, fields.replace('~', '"')), hint);
  }

  @ParameterizedTest
  @CsvSource({
    "vocab_size,0",
    "vocab_size,-5",
    "vocab_size,4294967296",
    "vocab_size,null",
    "vocab_size,1.5",
    "vocab_size,\"100\"",
    "hidden_size,0",
    "hidden_size,66",
    "hidden_size,2000000000",
    "intermediate_size,-1",
    "intermediate_size,2147483647",
    "num_hidden_layers,0",
    "num_hidden_layers,2000000000",
    "num_attention_heads,0",
    "num_attention_heads,5",
    "num_attention_heads,true",
  })
  void refusesImpossibleSizes(String field, String value) {
    String sizes = SIZES.replaceFirst("(\"" + field + "\":)\\d+", "$1" + value);
    assertSays(() -> readText("{\"model_type\":\"llama\"," + sizes + "}"), field);
    String missing = SIZES.replaceFirst(field, "other");
    assertSays(() -> readText("{\"model_type\":\"llama\"," + missing + "}"), field + " is missing");
  }

  @Test
  void refusesMatricesBeyondAnArray() {
    String sizes =
        SIZES
            .replace("\"hidden_size\":64", "\"hidden_size\":1048576")
            .replace("\"vocab_size\":100", "\"vocab_size\":10000000");
    assertSays(() -> readText("{\"model_type\":\"llama\"," + sizes + "}"), "2^31 - 1 elements");
  }

  @Test
  void refusesFilesThatAreNoConfiguration() {
    assertSays(() -> ModelConfig.read(folder.resolve("none.json")), "does not exist");
    assertSays(() -> readText("{" + SIZES + "}"), "model_type is missing");
    assertSays(() -> readText("{\"model_type\":NaN," + SIZES + "}"), "well-formed");
    assertSays(() -> readText("[]"), "object");
    assertSays(() -> read("llama", "\"vocab_size\":100"), "Duplicate field 'vocab_size'");
  }

  private ModelConfig read(String type, String fields) throws IOException {
    return readText("{\"model_type\":\"" + type + "\"," + SIZES + "," + fields + "}");
  }

  private ModelConfig readText(String text) throws IOException {
    return ModelConfig.read(Files.writeString(folder.resolve("config.json"), text));
  }

  private static void assertSays(Executable action, String hint) {
    String message = assertThrows(CheckpointException.class, action).getMessage();
    assertTrue(message.contains(hint), message);
  }
}
