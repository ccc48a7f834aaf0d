package io.github.lorascope.checkpoint;

import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What llama.cpp calls the tensors of a Hugging Face folder ({@code tensor_mapping.py} of gguf-py).
 */
final class GgufNames {
  static final String EMBEDDING = "token_embd.weight";
  static final String HEAD = "output.weight";

  private static final Pattern LAYER_TENSOR =
      Pattern.compile("layers\\.(\\d+)\\.(.+)\\.(weight|bias)");

  private static final Map<String, String> LAYER_PARTS =
      Map.ofEntries(
          Map.entry("input_layernorm", "attn_norm"),
          Map.entry("self_attn.q_proj", "attn_q"),
          Map.entry("self_attn.k_proj", "attn_k"),
          Map.entry("self_attn.v_proj", "attn_v"),
          Map.entry("self_attn.q_norm", "attn_q_norm"),
          Map.entry("self_attn.k_norm", "attn_k_norm"),
          Map.entry("self_attn.qkv_proj", "attn_qkv"),
          Map.entry("self_attn.o_proj", "attn_output"),
          Map.entry("post_attention_layernorm", "ffn_norm"),
          Map.entry("mlp.gate_proj", "ffn_gate"),
          Map.entry("mlp.up_proj", "ffn_up"),
          Map.entry("mlp.gate_up_proj", "ffn_up"),
          Map.entry("mlp.down_proj", "ffn_down"));

  private GgufNames() {}

  /** Finds the name in a file; nothing for a tensor that such files do not have. */
  static Optional<String> of(String name) {
    String bare = name.replaceFirst("^model\\.", "");
    Matcher matcher = LAYER_TENSOR.matcher(bare);
    if (matcher.matches()) {
      return Optional.ofNullable(LAYER_PARTS.get(matcher.group(2)))
          .map(part -> "blk." + matcher.group(1) + "." + part + "." + matcher.group(3));
    }
    return switch (bare) {
      case "embed_tokens.weight" -> Optional.of(EMBEDDING);
      case "norm.weight" -> Optional.of("output_norm.weight");
      case "lm_head.weight" -> Optional.of(HEAD);
      default -> Optional.empty();
    };
  }
}
