package io.github.lorascope.lora;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.Reference;
import io.github.lorascope.TinyModel;
import io.github.lorascope.backend.Precision;
import io.github.lorascope.checkpoint.DataType;
import io.github.lorascope.checkpoint.ModelConfig;
import io.github.lorascope.checkpoint.SafetensorsFile;
import io.github.lorascope.data.Triple;
import io.github.lorascope.decoder.Adapter;
import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.decoder.DecoderPass;
import io.github.lorascope.decoder.LoadOptions;
import io.github.lorascope.decoder.PassOptions;
import io.github.lorascope.decoder.Quantization;
import io.github.lorascope.decoder.TokenBatch;
import io.github.lorascope.gguf.GgufModels;
import io.github.lorascope.gguf.GgufType;
import io.github.lorascope.io.FileWriteException;
import io.github.lorascope.json.Json;
import io.github.lorascope.json.JsonObject;
import io.github.lorascope.rerank.PassagePair;
import io.github.lorascope.rerank.Reranker;
import java.io.IOException;
import java.nio.LongBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MergeTest {
  private static final LoadOptions F32 =
      LoadOptions.defaults().with(Precision.F32).withBackend("reference");

  @TempDir Path folder;

  private Path out() {
    return folder.resolve("merged");
  }

  /** What transformers and PEFT answer with base and adapter apart, in float32. */
  @ParameterizedTest
  @CsvSource({
    "phi3, CHECKPOINT",
    "phi3-window, CHECKPOINT",
    "phi3-partial, CHECKPOINT",
    "phi3-longrope, CHECKPOINT",
    "phi3-bnb4bit, DEQUANTIZED",
    "phi3-nf4, DEQUANTIZED",
    "llama-gqa, CHECKPOINT",
    "llama-sharded, CHECKPOINT",
    "llama3-rope, CHECKPOINT",
    "qwen2-bias, CHECKPOINT",
    "qwen3, CHECKPOINT",
  })
  void answersAsPeftDoes(String name, MergeBase base) {
    Path model = Reference.path(name);
    LoadOptions held = name.equals("phi3-nf4") ? F32.with(Quantization.NF4) : F32;
    List<int[]> sequences = sequences(name);
    float[] untrained;
    try (Decoder decoder = Decoder.load(model, held);
        LoraAdapter adapter = LoraAdapter.load(decoder, model.resolve("adapter"))) {
      untrained = logits(decoder, adapter.view().headOnly(), sequences);
      assertTrue(adapter.merge(base).as(DataType.F32).save(out()));
    }
    float[] expected =
        SafetensorsFile.open(model.resolve("reference.safetensors")).floats("logits");
    try (Decoder merged = Decoder.load(out(), F32)) {
      float[] answers = logits(merged, null, sequences);
      assertArrayEquals(expected, answers, 1e-4f);
      assertTrue(largest(expected, untrained) > 1e-2, "the adapter's paths change nothing");
    }
  }

  private static List<int[]> sequences(String name) {
    SafetensorsFile reference =
        SafetensorsFile.open(Reference.path(name).resolve("reference.safetensors"));
    int rows = reference.info("input_ids").shape().get(0).intValue();
    int columns = reference.info("input_ids").shape().get(1).intValue();
    LongBuffer ids = reference.data("input_ids").asLongBuffer();
    LongBuffer mask = reference.data("attention_mask").asLongBuffer();
    List<int[]> sequences = new ArrayList<>();
    for (int row = 0; row < rows; row++) {
      List<Integer> tokens = new ArrayList<>();
      for (int i = row * columns; i < (row + 1) * columns; i++) {
        if (mask.get(i) == 1) {
          tokens.add((int) ids.get(i));
        }
      }
      sequences.add(tokens.stream().mapToInt(Integer::intValue).toArray());
    }
    return sequences;
  }

  private static float[] logits(Decoder decoder, Adapter adapter, List<int[]> sequences) {
    try (DecoderPass pass =
        decoder.forward(TokenBatch.of(sequences), adapter, PassOptions.SCORING)) {
      return pass.logits().toArray();
    }
  }

  private static double largest(float[] a, float[] b) {
    double largest = 0;
    for (int i = 0; i < a.length; i++) {
      largest = Math.max(largest, Math.abs(a[i] - b[i]));
    }
    return largest;
  }

  private static LoraAdapter random(LoraAdapter adapter, double size) {
    float[] values = adapter.parameters().toArray();
    Random random = new Random(5);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (size * random.nextGaussian());
    }
    adapter.parameters().set(values);
    return adapter;
  }

  @Test
  void everySettingOfAnAdapterIsMerged() {
    List<int[]> sequences = sequences("qwen2-bias");
    try (Decoder decoder = Decoder.load(Reference.path("qwen2-bias"), F32);
        LoraAdapter adapter =
            random(
                LoraAdapter.on(decoder)
                    .targets("all-linear")
                    .rank(3)
                    .alpha(5)
                    .rsLora(true)
                    .layers(0, 2)
                    .attach(),
                0.1)) {
      adapter.merge(MergeBase.CHECKPOINT).as(DataType.F32).save(out());
      float[] apart = logits(decoder, adapter.view(), sequences);
      assertTrue(largest(apart, logits(decoder, adapter.view().headOnly(), sequences)) > 1e-2);
      try (Decoder merged = Decoder.load(out(), F32)) {
        assertArrayEquals(apart, logits(merged, null, sequences), 1e-4f);
      }
    }
    SafetensorsFile before = SafetensorsFile.open(Reference.path("qwen2-bias/model.safetensors"));
    SafetensorsFile after = SafetensorsFile.open(out().resolve("model.safetensors"));
    assertEquals(new TreeSet<>(before.names()), new TreeSet<>(after.names()));
    for (String name : before.names()) {
      boolean changed =
          name.equals("score.weight") || name.matches(".*layers\\.[02]\\..*_proj\\.weight");
      assertEquals(
          !changed, Arrays.equals(before.floats(name), after.floats(name)), name + " changed");
    }
  }

  @Test
  void theTwoBasesAreTwoModels() {
    List<int[]> sequences = sequences("phi3");
    Path dequantized = folder.resolve("dequantized");
    float[] apart;
    try (Decoder held = Decoder.load(Reference.path("phi3"), F32.with(Quantization.NF4_DOUBLE));
        LoraAdapter adapter = LoraAdapter.load(held, Reference.path("phi3/adapter"))) {
      adapter.merge(MergeBase.CHECKPOINT).as(DataType.F32).save(out());
      adapter.merge(MergeBase.DEQUANTIZED).as(DataType.F32).save(dequantized);
      apart = logits(held, adapter.view(), sequences);
    }
    float[] sixteen;
    try (Decoder decoder = Decoder.load(Reference.path("phi3"), F32);
        LoraAdapter adapter = LoraAdapter.load(decoder, Reference.path("phi3/adapter"))) {
      sixteen = logits(decoder, adapter.view(), sequences);
    }
    try (Decoder checkpoint = Decoder.load(out(), F32);
        Decoder merged = Decoder.load(dequantized, F32)) {
      assertArrayEquals(sixteen, logits(checkpoint, null, sequences), 1e-4f);
      assertArrayEquals(apart, logits(merged, null, sequences), 1e-4f);
      assertTrue(largest(sixteen, apart) > 1e-2, "4 bits change nothing");
    }
  }

  /** Of the tiny model's weights 4-bit blocks hold two rows, and bf16 three digits. */
  @ParameterizedTest
  @CsvSource({"F32, 1e-6", "F16, 5e-3", "BF16, 5e-2"})
  void aRerankerAsksTheFolder(DataType type, double bound) throws IOException {
    Path model = TinyModel.write(folder.resolve("tiny"));
    Files.writeString(model.resolve("LICENSE"), "free");
    Files.writeString(model.resolve("optimizer.pt"), "not of the model");
    List<PassagePair> pairs = new ArrayList<>();
    for (Triple t : TinyModel.triples(12)) {
      pairs.add(new PassagePair(t.query(), t.positive(), t.negative()));
    }
    MergeDrift drift;
    try (Decoder held = Decoder.load(model, F32.with(Quantization.NF4));
        LoraAdapter adapter =
            random(LoraAdapter.on(held).targets("q_proj", "down_proj").attach(), 0.2);
        Reranker before = Reranker.pairwise(held)) {
      List<Double> shares = new ArrayList<>();
      adapter
          .merge(MergeBase.DEQUANTIZED)
          .as(type)
          .provenance(Map.of("data", "words", "format", "mine"))
          .progress(shares::add)
          .save(out());
      assertEquals(1.0, shares.get(shares.size() - 1));
      assertEquals(shares.stream().sorted().toList(), shares);
      try (Decoder merged = Decoder.load(out(), F32);
          Reranker after = Reranker.pairwise(merged)) {
        drift = MergeDrift.between(before.withAdapter(adapter.view()), after, pairs);
        MergeDrift untrained = MergeDrift.between(before.withAdapter(null), after, pairs);
        assertTrue(untrained.mean() > 0.02, untrained.toString());
      }
      Path other = folder.resolve("checkpoint");
      adapter.merge(MergeBase.CHECKPOINT).as(type).save(other);
      try (Decoder merged = Decoder.load(other, F32);
          Reranker after = Reranker.pairwise(merged)) {
        MergeDrift far = MergeDrift.between(before.withAdapter(adapter.view()), after, pairs);
        assertTrue(far.mean() > 2 * drift.mean(), far + ", and with 4 bits " + drift);
      }
    }
    assertEquals(12, drift.pairs());
    assertTrue(drift.largest() <= bound, drift.toString());
    assertTrue(type == DataType.F32 || drift.largest() > bound / 1000, drift.toString());
    try (var files = Files.list(out())) {
      assertEquals(
          Set.of("LICENSE", "config.json", "model.safetensors", "tokenizer.json"),
          new TreeSet<>(files.map(f -> f.getFileName().toString()).toList()));
    }
    SafetensorsFile weights = SafetensorsFile.open(out().resolve("model.safetensors"));
    for (String name : weights.names()) {
      assertEquals(type, weights.info(name).type(), name);
    }
    assertEquals(
        Map.of(
            "data", "words", "format", "pt", "merged_into", "dequantized", "quantization", "nf4"),
        weights.metadata());
  }

  @Test
  void theConfigurationIsThatOfAClassifierInTheNewType() {
    try (Decoder decoder = Decoder.load(Reference.path("phi3-bnb4bit"), F32);
        LoraAdapter adapter = LoraAdapter.on(decoder).targets("qkv_proj").attach()) {
      adapter.merge(MergeBase.DEQUANTIZED).save(out());
    }
    JsonObject config = Json.read(out().resolve("config.json"));
    assertEquals(List.of("Phi3ForSequenceClassification"), config.strings("architectures"));
    assertEquals("bfloat16", config.string("torch_dtype"));
    assertEquals("B", config.object("id2label").string("1"));
    assertEquals(0, config.object("label2id").integer("A"));
    assertEquals(160, config.integer("vocab_size"));
    assertFalse(config.has("quantization_config"));
    assertFalse(config.has("dtype"));
  }

  @Test
  void aLargeModelHasSeveralFilesWithTheSameNumbers() throws IOException {
    Path whole = folder.resolve("whole");
    try (Decoder decoder = Decoder.load(Reference.path("llama-gqa"), F32);
        LoraAdapter adapter = LoraAdapter.load(decoder, Reference.path("llama-gqa/adapter"))) {
      adapter.merge(MergeBase.CHECKPOINT).save(whole);
      adapter.merge(MergeBase.CHECKPOINT).fileBytes(60_000).save(out());
    }
    SafetensorsFile one = SafetensorsFile.open(whole.resolve("model.safetensors"));
    JsonObject index = Json.read(out().resolve("model.safetensors.index.json"));
    JsonObject places = index.object("weight_map");
    assertEquals(one.names(), places.names());
    int files = (int) places.names().stream().map(places::string).distinct().count();
    assertTrue(files > 2, files + " files");
    long bytes = 0;
    for (String name : one.names()) {
      Path file = out().resolve(places.string(name));
      assertTrue(file.toString().endsWith("-of-0000" + files + ".safetensors"), file + "");
      assertTrue(Files.size(file) < 65_000, file + " has " + Files.size(file));
      assertArrayEquals(one.floats(name), SafetensorsFile.open(file).floats(name), name);
      bytes += 2 * one.info(name).elements();
    }
    assertEquals(bytes, index.object("metadata").integer("total_size"));
    assertFalse(Files.exists(out().resolve("model.safetensors")));
    List<int[]> sequences = sequences("llama-gqa");
    try (Decoder first = Decoder.load(whole, F32);
        Decoder second = Decoder.load(out(), F32)) {
      assertArrayEquals(logits(first, null, sequences), logits(second, null, sequences));
    }
  }

  private void assertRefused(Merge merge, String... parts) throws IOException {
    String message = assertThrows(MergeException.class, () -> merge.save(out())).getMessage();
    for (String part : parts) {
      assertTrue(message.contains(part), message);
    }
    try (var files = Files.list(folder)) {
      assertTrue(files.noneMatch(f -> f.getFileName().toString().contains("merged")));
    }
  }

  @Test
  void whatIsStoredIn4BitsHasNoOtherWeights() throws IOException {
    try (Decoder decoder = Decoder.load(Reference.path("phi3-bnb4bit"), F32);
        LoraAdapter adapter = LoraAdapter.on(decoder).targets("qkv_proj").attach()) {
      assertRefused(
          adapter.merge(MergeBase.CHECKPOINT), "phi3-bnb4bit", "qkv_proj", "NF4", "DEQUANTIZED");
    }
  }

  @Test
  void whatIsHeldAsStoredHasNoQuantizedWeights() throws IOException {
    try (Decoder decoder = Decoder.load(Reference.path("phi3"), F32);
        LoraAdapter adapter = LoraAdapter.on(decoder).targets("qkv_proj").attach()) {
      assertRefused(
          adapter.merge(MergeBase.DEQUANTIZED), "phi3", "stored", "nf4-double", "CHECKPOINT");
    }
  }

  @ParameterizedTest
  @CsvSource({"F32, CHECKPOINT", "F16, CHECKPOINT", "Q8_0, DEQUANTIZED"})
  void aGgufFileTakesConfigurationAndTokenizerFromAFolder(GgufType type, MergeBase base)
      throws IOException {
    Path file = GgufModels.of("llama-gqa", type).write(folder.resolve("base.gguf"));
    Path model = Reference.path("llama-gqa");
    List<int[]> sequences = sequences("llama-gqa");
    try (Decoder decoder = Decoder.load(file, F32);
        LoraAdapter adapter = LoraAdapter.load(decoder, model.resolve("adapter"))) {
      assertEquals(base, MergeBase.asHeldBy(decoder));
      assertRefused(adapter.merge(base), "base.gguf", "GGUF", "filesOf");
      assertRefused(adapter.merge(base).filesOf(Reference.path("qwen3")), "qwen3", "model_type");
      if (base == MergeBase.DEQUANTIZED) {
        assertRefused(
            adapter.merge(MergeBase.CHECKPOINT).filesOf(model), "base.gguf", "quantized (GGUF)");
      }
      adapter.merge(base).filesOf(model).as(DataType.F32).save(out());
      try (Decoder merged = Decoder.load(out(), F32)) {
        assertArrayEquals(
            logits(decoder, adapter.view(), sequences), logits(merged, null, sequences), 1e-4f);
      }
    }
  }

  @Test
  void aDecoderWithoutAFolderIsRefused() throws IOException {
    ModelConfig shape = ModelConfig.read(Reference.path("phi3/config.json"));
    try (Decoder decoder = Decoder.random(shape, 1, F32);
        LoraAdapter adapter = LoraAdapter.on(decoder).targets("qkv_proj").attach()) {
      assertRefused(adapter.merge(MergeBase.CHECKPOINT), "random weights");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"F16", "F32"})
  void numbersThatTheTypeDoesNotHoldAreRefusedAndNothingIsLeft(DataType type) throws IOException {
    double size = type == DataType.F16 ? 1e3 : 1e30;
    try (Decoder decoder = Decoder.load(Reference.path("phi3"), F32);
        LoraAdapter adapter = random(LoraAdapter.on(decoder).targets("qkv_proj").attach(), size)) {
      assertRefused(
          adapter.merge(MergeBase.CHECKPOINT).as(type),
          "model.layers.0.self_attn.qkv_proj.weight",
          type + " does not hold",
          type == DataType.F16 ? "BF16 or F32" : "too large");
    }
  }

  @Test
  void aStoppedMergeLeavesNothing() throws IOException {
    try (Decoder decoder = Decoder.load(Reference.path("phi3"), F32);
        LoraAdapter adapter = LoraAdapter.on(decoder).targets("qkv_proj").attach()) {
      Merge merge = adapter.merge(MergeBase.CHECKPOINT);
      merge.progress(
          share -> {
            if (share > 0.5) {
              merge.stop();
            }
          });
      assertFalse(merge.save(out()));
    }
    try (var files = Files.list(folder)) {
      assertEquals(List.of(), files.toList());
    }
  }

  @Test
  void aFolderThatHoldsSomethingIsNotReplaced() throws IOException {
    Files.createDirectory(out());
    Path kept = Files.writeString(out().resolve("config.json"), "mine");
    try (Decoder decoder = Decoder.load(Reference.path("phi3"), F32);
        LoraAdapter adapter = LoraAdapter.on(decoder).targets("qkv_proj").attach()) {
      Merge merge = adapter.merge(MergeBase.CHECKPOINT);
      assertThrows(FileWriteException.class, () -> merge.save(out()));
    }
    assertEquals("mine", Files.readString(kept));
  }

  @Test
  void typesAndSizesAreChecked() {
    try (Decoder decoder = Decoder.load(Reference.path("phi3"), F32);
        LoraAdapter adapter = LoraAdapter.on(decoder).targets("qkv_proj").attach()) {
      Merge merge = adapter.merge(MergeBase.CHECKPOINT);
      assertThrows(MergeException.class, () -> merge.as(DataType.I8));
      assertThrows(MergeException.class, () -> merge.fileBytes(0));
    }
  }
}
