package io.github.lorascope.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.Golden;
import io.github.lorascope.gguf.GgufModels;
import io.github.lorascope.gguf.GgufType;
import io.github.lorascope.gguf.GgufWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** GGUF files whose parts do not fit each other, or ask for what is not known. */
class GgufCheckpointTest {
  private static final String NORM = "blk.1.attn_norm.weight";

  @TempDir Path folder;

  private void assertRefused(String model, UnaryOperator<GgufWriter> change, String part)
      throws IOException {
    Path file = change.apply(GgufModels.of(model, GgufType.F32)).write(folder.resolve("bad.gguf"));
    assertSays(() -> Checkpoint.open(file), part);
  }

  private static void assertSays(Executable action, String part) {
    String message = assertThrows(CheckpointException.class, action).getMessage();
    assertTrue(message.contains(part), message);
  }

  @Test
  void keysOfTheShapeAreNeededAndPlausible() throws IOException {
    for (String key :
        List.of(
            "block_count",
            "context_length",
            "embedding_length",
            "feed_forward_length",
            "attention.head_count",
            "attention.layer_norm_rms_epsilon")) {
      assertRefused("llama-gqa", w -> w.without("llama." + key), "has no key llama." + key);
      assertRefused("llama-gqa", w -> w.text("llama." + key, "4"), "key llama." + key);
      if (!key.endsWith("epsilon")) {
        for (int bad : new int[] {0, -1, Integer.MAX_VALUE}) {
          assertRefused("llama-gqa", w -> w.uint32("llama." + key, bad), "llama." + key);
        }
      }
    }
    assertRefused("llama-gqa", w -> w.uint32("llama.attention.head_count_kv", 3), "not divide");
    assertRefused(
        "llama-gqa",
        w -> w.uint32("llama.attention.head_count", 3).uint32("llama.attention.head_count_kv", 3),
        "no multiple");
    assertRefused("llama-gqa", w -> w.uint32("llama.attention.key_length", 7), "one even width");
    assertRefused("llama-gqa", w -> w.uint32("llama.attention.value_length", 8), "values of 8");
    assertRefused("llama-gqa", w -> w.uint32("llama.vocab_size", 161), "differs from");
    assertRefused(
        "llama-gqa", w -> w.uint32("llama.embedding_length", 128), "has the shape [64, 160]");
  }

  @Test
  void whatIsNotUnderstoodIsRefused() throws IOException {
    assertRefused(
        "llama-gqa",
        w -> w.text("general.architecture", "gemma"),
        "general.architecture gemma is not supported; supported are llama, phi3, qwen2 and qwen3");
    assertRefused("llama-gqa", w -> w.float32("llama.logit_scale", 2), "llama.logit_scale");
    assertRefused("llama-gqa", w -> w.uint32("llama.expert_count", 8), "llama.expert_count");
    assertRefused("llama-gqa", w -> w.bool("llama.attention.causal", false), "causal");
    assertRefused("llama-gqa", w -> w.text("llama.tensor_data_layout", "other"), "layout");
    assertRefused("llama-gqa", w -> w.uint32("split.count", 2), "one of 2 parts; join them");
    assertRefused("llama-gqa", w -> w.text("llama.rope.scaling.type", "yarn"), "yarn");
    assertRefused("llama-gqa", w -> w.text("llama.rope.scaling.type", "longrope"), "missing");
    assertRefused("llama-gqa", w -> w.float32("llama.rope.scaling.factor", -4), "factor -4.0");
    assertRefused(
        "phi3-longrope",
        w -> w.text("phi3.rope.scaling.type", "longrope").float32("phi3.rope.scaling.factor", 4),
        "factor 4.0 is not supported in a rope of type longrope");
    assertRefused("llama-gqa", w -> w.uint32("llama.rope.dimension_count", 8), "count 8 of heads");
    assertRefused("phi3", w -> w.uint32("phi3.rope.dimension_count", 18), "18 of heads of 16");
    assertRefused("phi3", w -> w.float32("phi3.rope.freq_base", -1), "freq_base -1.0");
    assertRefused(
        "phi3-longrope", w -> w.withoutTensor("rope_factors_long.weight"), "has to have both");
    assertRefused(
        "phi3-longrope",
        w -> w.f32("rope_factors_long.weight", new float[7], 7),
        "one factor for each of 8 frequencies");
    assertRefused(
        "phi3-longrope",
        w -> w.f32("rope_factors_long.weight", new float[8], 8),
        "has 0.0, which is not positive");
    assertRefused(
        "phi3-longrope",
        w ->
            w.f32(
                "rope_factors_long.weight", new float[] {Float.MIN_VALUE, 1, 1, 1, 1, 1, 1, 1}, 8),
        "tensor rope_factors_long.weight makes frequencies that are too large");
    assertRefused(
        "phi3-longrope", w -> w.float32("phi3.rope.scaling.attn_factor", 0), "attn_factor 0.0");
    assertRefused(
        "llama-gqa",
        w -> w.f32("blk.0.attn_q_norm.weight", new float[16], 16),
        "has the tensor blk.0.attn_q_norm.weight");
    assertRefused("llama-gqa", w -> w.f32("blk.3.attn_norm.weight", new float[64], 64), "blk.3.");
    assertRefused("phi3", w -> w.f32("blk.0.attn_qkv.bias", new float[192], 192), "qkv.bias");
  }

  @Test
  void positionsMayBeScaled() throws IOException {
    List<Float> plain = frequencies(w -> w);
    List<Float> quarter = plain.stream().map(f -> f / 4).toList();
    String factor = "llama.rope.scaling.factor";
    assertEquals(quarter, frequencies(w -> w.float32(factor, 4)));
    assertEquals(quarter, frequencies(w -> w.float32("llama.rope.scale_linear", 4)));
    assertEquals(plain, frequencies(w -> w.float32(factor, 0)));
    assertEquals(
        plain, frequencies(w -> w.text("llama.rope.scaling.type", "none").float32(factor, 4)));
  }

  private List<Float> frequencies(UnaryOperator<GgufWriter> change) throws IOException {
    Path file =
        change.apply(GgufModels.of("llama-gqa", GgufType.F32)).write(folder.resolve("good.gguf"));
    return Checkpoint.open(file).config().rotary().frequencies();
  }

  @Test
  void tensorsHaveToBeThereInShape() throws IOException {
    Path file =
        GgufModels.of("llama-gqa", GgufType.F32)
            .withoutTensor("blk.1.ffn_up.weight")
            .f32(NORM, new float[65], 65)
            .f32("blk.0.attn_q.weight", new float[64 * 32], 32, 64)
            .write(folder.resolve("bad.gguf"));
    Checkpoint checkpoint = Checkpoint.open(file);
    assertSays(
        () -> checkpoint.matrix("model.layers.1.mlp.up_proj.weight", 112, 64),
        "has no tensor blk.1.ffn_up.weight; nearest are blk.0.ffn_up.weight");
    assertSays(
        () -> checkpoint.vector("model.layers.1.input_layernorm.weight", 64),
        NORM + " has the shape [65], but the file's own keys ask for [64]");
    assertSays(
        () -> checkpoint.matrix("layers.0.self_attn.q_proj.weight", 64, 64),
        "has the shape [32, 64], but the file's own keys ask for [64, 64]");
    assertSays(() -> checkpoint.matrix("score.weight", 2, 64), "no place for score.weight");
    assertTrue(checkpoint.has("layers.0.mlp.up_proj.weight"));
    assertTrue(checkpoint.names().contains(NORM));
    assertEquals(file, checkpoint.path());
  }

  @Test
  void damagedFilesEndInWords() throws IOException {
    byte[] good = GgufModels.of("llama3-rope", GgufType.F32).bytes();
    SafetensorsFile names = SafetensorsFile.open(Golden.path("llama3-rope/model.safetensors"));
    Random random = new Random(11);
    Path file = folder.resolve("damaged.gguf");
    for (int trial = 0; trial < 1000; trial++) {
      byte[] bad = good.clone();
      for (int i = 0; i <= trial % 3; i++) {
        bad[random.nextInt(2500)] = (byte) random.nextInt();
      }
      Files.write(file, bad);
      try {
        Checkpoint checkpoint = Checkpoint.open(file);
        for (String name : names.names()) {
          List<Long> shape = names.info(name).shape();
          if (shape.size() == 1) {
            checkpoint.vector(name, shape.get(0).intValue());
          } else if (checkpoint.has(name)) {
            checkpoint.matrix(name, shape.get(0).intValue(), shape.get(1).intValue());
          }
        }
      } catch (CheckpointException e) {
        assertTrue(e.getMessage().contains("damaged.gguf"), e.getMessage());
      }
    }
  }

  @Test
  void aFolderThatHoldsAFilePointsAtIt() throws IOException {
    Files.createFile(folder.resolve("model.gguf"));
    assertSays(() -> Checkpoint.open(folder), "no config.json but model.gguf; give that file");
  }

  @Test
  void floatingPointNumbersMayNotBeStrange() throws IOException {
    for (double bad : new double[] {Double.NaN, Double.POSITIVE_INFINITY, 0, 1, -1}) {
      String key = "llama.attention.layer_norm_rms_epsilon";
      assertRefused("llama-gqa", w -> w.float32(key, bad), key);
    }
    assertRefused(
        "llama-gqa", w -> w.float32("llama.rope.freq_base", Double.NaN), "freq_base is NaN");
    assertRefused(
        "llama-gqa",
        w -> w.float32("llama.rope.freq_base", 1e-43),
        "freq_base 9.949219096706201E-44");
  }
}
