package io.github.lorascope.gguf;

import io.github.lorascope.Golden;
import io.github.lorascope.checkpoint.ModelConfig;
import io.github.lorascope.checkpoint.ModelType;
import io.github.lorascope.checkpoint.RotaryEmbedding;
import io.github.lorascope.checkpoint.SafetensorsFile;
import java.util.List;
import java.util.Map;

/** Writes Hugging Face checkpoints as convert_hf_to_gguf.py of llama.cpp does. */
public final class GgufModels {
  private static final Map<String, String> NAMES =
      Map.ofEntries(
          Map.entry("embed_tokens", "token_embd"),
          Map.entry("norm", "output_norm"),
          Map.entry("input_layernorm", "attn_norm"),
          Map.entry("post_attention_layernorm", "ffn_norm"),
          Map.entry("self_attn.q_proj", "attn_q"),
          Map.entry("self_attn.k_proj", "attn_k"),
          Map.entry("self_attn.v_proj", "attn_v"),
          Map.entry("self_attn.q_norm", "attn_q_norm"),
          Map.entry("self_attn.k_norm", "attn_k_norm"),
          Map.entry("self_attn.qkv_proj", "attn_qkv"),
          Map.entry("self_attn.o_proj", "attn_output"),
          Map.entry("mlp.gate_proj", "ffn_gate"),
          Map.entry("mlp.up_proj", "ffn_up"),
          Map.entry("mlp.gate_up_proj", "ffn_up"),
          Map.entry("mlp.down_proj", "ffn_down"));

  private GgufModels() {}

  /**
   * Writes a golden checkpoint.
   *
   * @param model its folder
   * @param type F32, BF16 or Q8_0: how matrices are stored whose rows allow it
   */
  public static GgufWriter of(String model, GgufType type) {
    ModelConfig config = ModelConfig.read(Golden.path(model + "/config.json"));
    GgufWriter writer = new GgufWriter();
    keys(writer, config);
    SafetensorsFile file = SafetensorsFile.open(Golden.path(model + "/model.safetensors"));
    for (String name : file.names()) {
      if (name.startsWith("model.")) {
        add(writer, config, type, name, file.floats(name), file.info(name).shape());
      }
    }
    if (file.names().contains("lm_head.weight")) {
      writer.f32(
          "output.weight",
          file.floats("lm_head.weight"),
          config.hiddenSize(),
          config.vocabularySize());
    } else if (!config.tiedEmbeddings()) {
      int head = config.hiddenSize() * config.vocabularySize();
      writer.f32("output.weight", new float[head], config.hiddenSize(), config.vocabularySize());
    }
    return writer;
  }

  private static void keys(GgufWriter writer, ModelConfig config) {
    String prefix = config.type().configName() + ".";
    RotaryEmbedding rotary = config.rotary();
    writer
        .text("general.architecture", config.type().configName())
        .text("general.name", "small")
        .uint32(prefix + "vocab_size", config.vocabularySize())
        .uint32(prefix + "context_length", config.maxPositions())
        .uint32(prefix + "embedding_length", config.hiddenSize())
        .uint32(prefix + "block_count", config.layers())
        .uint32(prefix + "feed_forward_length", config.intermediateSize())
        .uint32(prefix + "attention.head_count", config.heads())
        .uint32(prefix + "attention.head_count_kv", config.keyValueHeads())
        .float32(prefix + "attention.layer_norm_rms_epsilon", config.rmsNormEpsilon())
        .uint32(prefix + "rope.dimension_count", 2 * rotary.frequencies().size())
        .float32(prefix + "rope.freq_base", rotary.theta());
    if (config.headDimension() * config.heads() != config.hiddenSize()) {
      writer
          .uint32(prefix + "attention.key_length", config.headDimension())
          .uint32(prefix + "attention.value_length", config.headDimension());
    }
    if (config.type() == ModelType.PHI3) {
      writer
          .uint32(prefix + "attention.sliding_window", config.window(0))
          .uint32(prefix + "rope.scaling.original_context_length", rotary.originalPositions());
    }
    List<Float> plain =
        RotaryEmbedding.plain(rotary.theta(), 2 * rotary.frequencies().size(), 1).frequencies();
    if (!rotary.frequencies().equals(rotary.longFrequencies())) {
      writer
          .float32(prefix + "rope.scaling.attn_factor", rotary.magnitude())
          .f32("rope_factors_short.weight", factors(plain, rotary.frequencies()), plain.size())
          .f32("rope_factors_long.weight", factors(plain, rotary.longFrequencies()), plain.size());
    } else if (!rotary.frequencies().equals(plain)) {
      writer.f32("rope_freqs.weight", factors(plain, rotary.frequencies()), plain.size());
    }
  }

  private static float[] factors(List<Float> plain, List<Float> scaled) {
    float[] factors = new float[plain.size()];
    for (int i = 0; i < factors.length; i++) {
      factors[i] = plain.get(i) / scaled.get(i);
    }
    return factors;
  }

  private static void add(
      GgufWriter writer,
      ModelConfig config,
      GgufType type,
      String name,
      float[] numbers,
      List<Long> shape) {
    String suffix = name.substring(name.lastIndexOf('.'));
    String stem = name.substring("model.".length(), name.lastIndexOf('.'));
    String stored = NAMES.get(stem) + suffix;
    if (stem.startsWith("layers.")) {
      String[] parts = stem.split("\\.", 3);
      stored = "blk." + parts[1] + "." + NAMES.get(parts[2]) + suffix;
    }
    boolean interleaved =
        config.type() == ModelType.LLAMA
            && (stored.contains(".attn_q.") || stored.contains(".attn_k."));
    float[] rows = interleaved ? interleaved(numbers, shape, config.headDimension()) : numbers;
    long[] reversed = new long[shape.size()];
    for (int i = 0; i < reversed.length; i++) {
      reversed[i] = shape.get(reversed.length - 1 - i);
    }
    if (type == GgufType.Q8_0 && reversed.length == 2 && reversed[0] % 32 == 0) {
      writer.q80(stored, rows, reversed);
    } else if (type == GgufType.BF16 && reversed.length == 2) {
      writer.bf16(stored, rows, reversed);
    } else {
      writer.f32(stored, rows, reversed);
    }
  }

  /** What {@code reshape(heads, 2, width / 2, ...).swapaxes(1, 2)} does. */
  private static float[] interleaved(float[] numbers, List<Long> shape, int width) {
    int rows = shape.get(0).intValue();
    int columns = numbers.length / rows;
    float[] result = new float[numbers.length];
    int target = 0;
    for (int head = 0; head < rows / width; head++) {
      for (int i = 0; i < width / 2; i++) {
        for (int j = 0; j < 2; j++) {
          int source = head * width + j * (width / 2) + i;
          System.arraycopy(numbers, source * columns, result, target++ * columns, columns);
        }
      }
    }
    return result;
  }
}
