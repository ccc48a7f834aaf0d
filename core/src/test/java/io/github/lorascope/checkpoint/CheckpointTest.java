package io.github.lorascope.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.Golden;
import io.github.lorascope.weights.Nf4;
import io.github.lorascope.weights.Nf4Weight;
import io.github.lorascope.weights.Weight;
import io.github.lorascope.weights.WeightForm;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointTest {
  private static final String Q = "model.layers.0.self_attn.q_proj.weight";
  private static final String STATE =
      "{\"quant_type\":\"nf4\",\"blocksize\":64,\"dtype\":\"bfloat16\",\"shape\":[3,50],"
          + "\"nested_blocksize\":256,\"nested_dtype\":\"float32\",\"nested_offset\":0.5}";

  @TempDir Path folder;

  @BeforeEach
  void config() throws IOException {
    Files.copy(Golden.path("llama-gqa/config.json"), folder.resolve("config.json"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"phi3", "phi3-bnb4bit", "llama-gqa", "llama-sharded", "qwen2-bias"})
  void everyTensorOfTheReferenceModelsReads(String name) {
    Checkpoint checkpoint = Checkpoint.open(Golden.path(name));
    ModelConfig c = checkpoint.config();
    int hidden = c.hiddenSize();
    checkpoint.matrix("model.embed_tokens.weight", c.vocabularySize(), hidden);
    checkpoint.matrix("score.weight", 2, hidden);
    checkpoint.vector("model.norm.weight", hidden);
    int width = c.queryWidth() + 2 * c.keyValueWidth();
    for (int layer = 0; layer < c.layers(); layer++) {
      String at = "model.layers." + layer + ".";
      checkpoint.vector(at + "input_layernorm.weight", hidden);
      checkpoint.vector(at + "post_attention_layernorm.weight", hidden);
      if (c.type().fused()) {
        WeightForm form = name.equals("phi3") ? WeightForm.F32 : WeightForm.NF4;
        String qkv = at + "self_attn.qkv_proj.weight";
        assertEquals(form, checkpoint.matrix(qkv, width, hidden).form());
        assertEquals(form, checkpoint.form(qkv));
        checkpoint.matrix(at + "mlp.gate_up_proj.weight", 2 * c.intermediateSize(), hidden);
      } else {
        checkpoint.matrix(at + "self_attn.q_proj.weight", c.queryWidth(), hidden);
        checkpoint.matrix(at + "self_attn.k_proj.weight", c.keyValueWidth(), hidden);
        checkpoint.matrix(at + "mlp.up_proj.weight", c.intermediateSize(), hidden);
      }
      assertEquals(c.queryKeyValueBias(), checkpoint.has(at + "self_attn.k_proj.bias"));
      checkpoint.matrix(at + "self_attn.o_proj.weight", hidden, c.queryWidth());
      checkpoint.matrix(at + "mlp.down_proj.weight", hidden, c.intermediateSize());
    }
  }

  @Test
  void shardsHoldTheSameModel() {
    Checkpoint whole = Checkpoint.open(Golden.path("llama-gqa"));
    Checkpoint shards = Checkpoint.open(Golden.path("llama-sharded"));
    assertEquals(whole.names().size(), shards.names().size());
    assertTrue(shards.names().containsAll(whole.names()));
  }

  @Test
  void findsNamesWithAndWithoutThePrefix() {
    write(w -> w.f32("layers.0.norm", new float[] {1, 2}, 2).f32("model.x", new float[1], 1, 1));
    Checkpoint checkpoint = Checkpoint.open(folder);
    assertArrayEquals(new float[] {1, 2}, checkpoint.vector("model.layers.0.norm", 2));
    assertTrue(checkpoint.has("model.layers.0.norm"));
    assertTrue(checkpoint.has("x"));
    assertEquals("model.x", checkpoint.matrix("x", 1, 1).name());
    assertFalse(checkpoint.has("model.layers.1.norm"));
    assertSays(
        () -> checkpoint.vector("model.layers.1.norm", 2),
        "no tensor model.layers.1.norm; nearest are model.x, layers.0.norm");
  }

  @Test
  void checksShapeKindAndNumbers() {
    write(
        w ->
            w.f32("m", new float[6], 2, 3)
                .i64("i", new long[2], 2)
                .f32("nan", new float[] {0, 0, 0, 0, Float.NaN, 0}, 2, 3)
                .bf16("inf", new short[] {0, (short) 0xFF80}, 2));
    Checkpoint checkpoint = Checkpoint.open(folder);
    assertSays(() -> checkpoint.matrix("m", 3, 2), "shape [2, 3], but config.json asks for [3, 2]");
    assertSays(() -> checkpoint.vector("m", 6), "shape [2, 3]");
    assertSays(() -> checkpoint.vector("i", 2), "tensor i is I64");
    assertSays(
        () -> checkpoint.matrix("nan", 2, 3), "nan holds NaN or infinity at row 1, column 1");
    assertSays(() -> checkpoint.vector("inf", 2), "inf holds NaN or infinity");
  }

  @ParameterizedTest
  @CsvSource({
    "../evil.safetensors",
    "/etc/evil.safetensors",
    "sub/evil.safetensors",
    "'..\\evil.safetensors'",
    "C:evil.safetensors",
    "..",
    "pytorch_model.bin",
    "''"
  })
  void refusesShardNamesThatLeadElsewhere(String name) throws IOException {
    Files.writeString(
        folder.resolve("model.safetensors.index.json"),
        "{\"weight_map\":{\"a\":\"" + name.replace("\\", "\\\\") + "\"}}");
    assertSays(() -> Checkpoint.open(folder), "not the name of a safetensors file");
  }

  @Test
  void refusesIndexesThatDoNotFitTheirShards() throws IOException {
    new SafetensorsWriter()
        .f32("a", new float[1], 1)
        .f32("c", new float[1], 1)
        .write(folder.resolve("one.safetensors"));
    new SafetensorsWriter()
        .f32("b", new float[1], 1)
        .f32("a", new float[1], 1)
        .write(folder.resolve("two.safetensors"));
    index("{\"weight_map\":{\"a\":\"one.safetensors\"}}");
    assertEquals(1, Checkpoint.open(folder).names().size());
    index("{\"weight_map\":{\"a\":\"one.safetensors\",\"b\":\"two.safetensors\"}}");
    assertSays(() -> Checkpoint.open(folder), "Tensor a is in both");
    index("{\"weight_map\":{\"b\":\"one.safetensors\"}}");
    assertSays(() -> Checkpoint.open(folder), "says that b is in one.safetensors, but it is not");
    index("{\"weight_map\":{\"b\":\"three.safetensors\"}}");
    assertSays(() -> Checkpoint.open(folder), "three.safetensors is missing");
    index("{\"weight_map\":{\"a\":\"one.safetensors\",\"a\":\"two.safetensors\"}}");
    assertSays(() -> Checkpoint.open(folder), "Duplicate");
    index("{\"weight_map\":{\"a\":7}}");
    assertSays(() -> Checkpoint.open(folder), "not the name");
    index("{\"weight_map\":[]}");
    assertSays(() -> Checkpoint.open(folder), "weight_map has to be an object");
    index("{}");
    assertSays(() -> Checkpoint.open(folder), "weight_map is missing");
  }

  @Test
  void refusesFoldersWithoutSafetensors() throws IOException {
    assertSays(() -> Checkpoint.open(folder), "holds neither model.safetensors nor");
    Files.createFile(folder.resolve("pytorch_model.bin"));
    assertSays(() -> Checkpoint.open(folder), "convert it to safetensors");
    assertSays(() -> Checkpoint.open(folder.resolve("none")), "is no folder");
    Path adapter = Files.createDirectory(folder.resolve("adapter"));
    Files.createFile(adapter.resolve("adapter_config.json"));
    assertSays(() -> Checkpoint.open(adapter), "is an adapter; load the model");
    assertSays(() -> Checkpoint.open(folder.resolve("config.json")), "is no GGUF file");
    Files.delete(folder.resolve("config.json"));
    assertSays(() -> Checkpoint.open(folder), "config.json does not exist");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void readsFourBitsWithPlainAndNestedScales(boolean nested) {
    write(w -> quantized(w, STATE, nested, 75, 3));
    Weight weight = Checkpoint.open(folder).matrix(Q, 3, 50);
    assertEquals(WeightForm.NF4, weight.form());
    float[] read = new float[150];
    weight.read(0, 3, read, 0);
    float[] scales = nested ? new float[] {0.5f, 2.5f, 4.5f} : new float[] {1, 2, 3};
    float[] codebook = Nf4.codebook();
    for (int i = 0; i < read.length; i++) {
      int code = i % 2 == 0 ? i / 2 % 16 : 15 - i / 2 % 16;
      assertEquals(codebook[code] * scales[i / 64], read[i], "element " + i);
    }
    assertEquals(nested, ((Nf4Weight) weight).scales().isNested());
  }

  /** Each is a change of the JSON beside the codes. */
  @ParameterizedTest
  @CsvSource({
    "'\"nf4\"','\"fp4\"',quant_type fp4",
    "'blocksize\":64','blocksize\":128',blocksize 128",
    "'blocksize\":64','blocksize\":0',blocksize 0",
    "'nested_blocksize\":256','nested_blocksize\":64',nested_blocksize 64",
    "'[3,50]','[50,3]','[50, 3]'",
    "'[3,50]','[3,50,1]','[3, 50, 1]'",
    "'[3,50]','[-3,-50]','[-3, -50]'",
    "'[3,50]','\"x\"',shape has to be a list",
    "'\"shape\"','\"other\"',shape is missing",
    "'0.5','1e300',nested_offset",
    "'0.5','NaN',well-formed",
    "'{','[]{',more text follows",
    "'}','',well-formed",
  })
  void refusesFourBitTextsThatDoNotFit(String old, String changed, String hint) {
    write(w -> quantized(w, STATE.replace(old, changed), true, 75, 3));
    assertSays(() -> Checkpoint.open(folder).matrix(Q, 3, 50), hint);
  }

  @Test
  void refusesFourBitTablesThatDoNotFit() {
    write(w -> quantized(w, STATE, true, 74, 3));
    assertSays(() -> Checkpoint.open(folder).matrix(Q, 3, 50), "74 bytes of codes");
    write(w -> quantized(w, STATE, true, 75, 2));
    assertSays(() -> Checkpoint.open(folder).matrix(Q, 3, 50), Q + ".absmax is U8 of shape [2]");
    write(w -> quantized(w, STATE, false, 75, 4));
    assertSays(() -> Checkpoint.open(folder).matrix(Q, 3, 50), "F32 with 3 elements is needed");
    byte[] state = STATE.getBytes(StandardCharsets.UTF_8);
    write(w -> w.u8(Q, new byte[75], 75, 1).u8(Q + NF4, state, state.length));
    assertSays(() -> Checkpoint.open(folder).matrix(Q, 3, 50), "no tensor " + Q + ".quant_map");
    write(w -> w.u8(Q, new byte[75], 75, 1).f32(Q + NF4, new float[1], 1));
    assertSays(() -> Checkpoint.open(folder).matrix(Q, 3, 50), "JSON in bytes");
    write(w -> w.u8(Q, new byte[75], 75, 1));
    assertSays(() -> Checkpoint.open(folder).matrix(Q, 3, 50), "is U8; F32, F16, BF16 and NF4");
  }

  @Test
  void refusesFourBitScalesThatAreNotFinite() {
    for (float bad : new float[] {Float.NaN, Float.NEGATIVE_INFINITY}) {
      write(w -> plain(w, new float[] {1, bad, 1}));
      assertSays(
          () -> Checkpoint.open(folder).matrix(Q, 3, 50), "absmax holds NaN or infinity at 1");
    }
  }

  @Test
  void refusesOtherFormsOfQuantizationByName() {
    byte[] state = STATE.getBytes(StandardCharsets.UTF_8);
    write(
        w ->
            w.u8(Q, new byte[75], 75, 1)
                .u8(Q + ".quant_state.bitsandbytes__fp4", state, state.length));
    assertSays(() -> Checkpoint.open(folder).matrix(Q, 3, 50), "fp4 of bitsandbytes");
    write(w -> w.u8(Q, new byte[150], 3, 50).f32(Q.replace(".weight", ".SCB"), new float[3], 3));
    assertSays(() -> Checkpoint.open(folder).matrix(Q, 3, 50), "int8 of bitsandbytes");
    write(w -> w.u8(Q.replace(".weight", ".qweight"), new byte[4], 4));
    assertSays(() -> Checkpoint.open(folder).matrix(Q, 3, 50), "GPTQ or AWQ");
  }

  private static final String NF4 = ".quant_state.bitsandbytes__nf4";

  private static void quantized(
      SafetensorsWriter writer, String state, boolean nested, int bytes, int blocks) {
    byte[] codes = new byte[bytes];
    for (int i = 0; i < bytes; i++) {
      codes[i] = (byte) (i % 16 << 4 | 15 - i % 16);
    }
    byte[] text = state.getBytes(StandardCharsets.UTF_8);
    writer
        .u8(Q, codes, bytes, 1)
        .u8(Q + NF4, text, text.length)
        .f32(Q + ".quant_map", Nf4.codebook(), 16);
    if (nested) {
      byte[] scales = new byte[blocks];
      float[] map = new float[256];
      for (int i = 0; i < 256; i++) {
        map[i] = i;
      }
      for (int i = 0; i < blocks; i++) {
        scales[i] = (byte) i;
      }
      writer
          .u8(Q + ".absmax", scales, blocks)
          .f32(Q + ".nested_absmax", new float[] {2}, 1)
          .f32(Q + ".nested_quant_map", map, 256);
    } else {
      float[] absmax = new float[blocks];
      for (int i = 0; i < blocks; i++) {
        absmax[i] = i + 1;
      }
      writer.f32(Q + ".absmax", absmax, blocks);
    }
  }

  private static void plain(SafetensorsWriter writer, float[] absmax) {
    byte[] text = STATE.getBytes(StandardCharsets.UTF_8);
    writer
        .u8(Q, new byte[75], 75, 1)
        .u8(Q + NF4, text, text.length)
        .f32(Q + ".quant_map", Nf4.codebook(), 16)
        .f32(Q + ".absmax", absmax, absmax.length);
  }

  private void write(Consumer<SafetensorsWriter> tensors) {
    SafetensorsWriter writer = new SafetensorsWriter();
    tensors.accept(writer);
    writer.write(folder.resolve("model.safetensors"));
  }

  private void index(String text) throws IOException {
    Files.writeString(folder.resolve("model.safetensors.index.json"), text);
  }

  private static void assertSays(Executable action, String hint) {
    String message = assertThrows(CheckpointException.class, action).getMessage();
    assertTrue(message.contains(hint), message);
  }
}
