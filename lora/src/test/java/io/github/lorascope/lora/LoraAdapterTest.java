package io.github.lorascope.lora;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.Reference;
import io.github.lorascope.backend.BackendOptions;
import io.github.lorascope.backend.reference.ReferenceBackend;
import io.github.lorascope.checkpoint.SafetensorsFile;
import io.github.lorascope.decoder.AdapterTensors.Site;
import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.decoder.DecoderPass;
import io.github.lorascope.decoder.LayerListener;
import io.github.lorascope.decoder.LoadOptions;
import io.github.lorascope.decoder.PassOptions;
import io.github.lorascope.decoder.TokenBatch;
import io.github.lorascope.io.FileWriteException;
import io.github.lorascope.json.Json;
import io.github.lorascope.json.JsonObject;
import io.github.lorascope.tensor.MemoryCapException;
import io.github.lorascope.tensor.Tensor;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LoraAdapterTest {
  @TempDir Path folder;

  private final ReferenceBackend backend = new ReferenceBackend(BackendOptions.defaults());

  private Decoder load(String name) {
    return Decoder.load(Reference.path(name), LoadOptions.defaults(), backend);
  }

  @AfterEach
  void nothingIsLeft() {
    assertEquals(0, backend.memory().used());
    assertEquals(0, backend.memory().openScopes());
    backend.close();
  }

  private static Set<Integer> layers(LoraAdapter adapter) {
    return adapter.view().values().paths().keySet().stream()
        .map(Site::layer)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void aRangeOfLayersIncludesItsEnds() {
    try (Decoder phi3 = load("phi3");
        LoraAdapter range = LoraAdapter.on(phi3).targets("qkv_proj").layerRange(1, 2).attach();
        LoraAdapter list = LoraAdapter.on(phi3).targets("qkv_proj").layers(0, 3).attach();
        LoraAdapter all = LoraAdapter.on(phi3).targets("qkv_proj").attach()) {
      assertEquals(Set.of(1, 2), layers(range));
      assertEquals(Set.of(0, 3), layers(list));
      assertEquals(Set.of(0, 1, 2, 3), layers(all));
      assertEquals(2 * 16 * (64 + 192), range.pathParameters());
      assertEquals(2 * 16 * (64 + 192) + 2 * 64, range.parameters().columns());
    }
  }

  @Test
  void layersThatDoNotExistAreRefused() {
    try (Decoder phi3 = load("phi3")) {
      LoraAdapter.Builder builder = LoraAdapter.on(phi3).targets("qkv_proj");
      assertThrows(AdapterException.class, () -> builder.layerRange(3, 2));
      assertThrows(AdapterException.class, () -> builder.layerRange(2, 4).attach());
      assertThrows(AdapterException.class, () -> builder.layerRange(-1, 2).attach());
      int max = Integer.MAX_VALUE;
      assertEquals(
          "layer 4 of a model with the layers 0 to 3",
          assertThrows(AdapterException.class, () -> builder.layerRange(1, max)).getMessage());
      assertEquals(
          "layer 10 of a model with the layers 0 to 3",
          assertThrows(AdapterException.class, () -> builder.layerRange(10, max)).getMessage());
      assertThrows(AdapterException.class, () -> builder.layerRange(-max, 2));
    }
  }

  @Test
  void startsAtTheFrozenModel() {
    TokenBatch batch = TokenBatch.of(List.of(new int[] {5, 9, 7}, new int[] {11}));
    try (Decoder llama = load("llama-gqa");
        LoraAdapter adapter = LoraAdapter.on(llama).targets("all-linear").seed(3).attach();
        DecoderPass without = llama.forward(batch, null, PassOptions.SCORING);
        DecoderPass with = llama.forward(batch, adapter.view(), PassOptions.SCORING)) {
      assertArrayEquals(without.logits().toArray(), with.logits().toArray());
      adapter
          .named(adapter.parameters())
          .forEach((name, tensor) -> checkStart(name, tensor, llama));
    }
  }

  private static void checkStart(String name, Tensor tensor, Decoder decoder) {
    float[] values = tensor.toArray();
    double largest = 0;
    for (float value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    if (name.contains("lora_A")) {
      double bound = 1 / Math.sqrt(tensor.columns());
      assertTrue(largest <= bound && largest > 0.9 * bound, name + " reaches " + largest);
    } else if (name.contains("lora_B")) {
      assertEquals(0, largest, name);
    } else {
      assertArrayEquals(decoder.score().orElseThrow().toArray(), values);
    }
  }

  /** Uniform in +-bound: the mean is 0 and the variance a third of the bound's square. */
  @Test
  void everyMatrixIsDrawnByItselfAndAroundZero() {
    try (Decoder llama = load("llama-gqa");
        LoraAdapter adapter =
            LoraAdapter.on(llama).targets("all-linear").rank(64).seed(3).attach()) {
      Map<String, Tensor> drawn = new TreeMap<>(adapter.named(adapter.parameters()));
      drawn.keySet().removeIf(name -> !name.contains("lora_A"));
      assertEquals(3 * 7, drawn.size());
      drawn.forEach(LoraAdapterTest::checkDrawn);
      Set<FloatBuffer> different =
          drawn.values().stream()
              .map(a -> FloatBuffer.wrap(a.toArray()))
              .collect(Collectors.toSet());
      assertEquals(drawn.size(), different.size());
    }
  }

  private static void checkDrawn(String name, Tensor a) {
    float[] values = a.toArray();
    int n = values.length;
    double bound = 1 / Math.sqrt(a.columns());
    double sum = 0;
    double squares = 0;
    for (float value : values) {
      sum += value;
      squares += value * value;
    }
    assertEquals(0, sum / n, 5 * bound / Math.sqrt(3.0 * n), name);
    double variance = bound * bound / 3;
    assertEquals(variance, squares / n, 0.15 * variance, name);
  }

  @Test
  void theSeedChoosesTheStart() {
    try (Decoder phi3 = load("phi3");
        LoraAdapter first = LoraAdapter.on(phi3).targets("qkv_proj").seed(1).attach();
        LoraAdapter same = LoraAdapter.on(phi3).targets("qkv_proj").seed(1).attach();
        LoraAdapter other = LoraAdapter.on(phi3).targets("qkv_proj").seed(2).attach()) {
      assertArrayEquals(first.parameters().toArray(), same.parameters().toArray());
      assertFalse(
          java.util.Arrays.equals(first.parameters().toArray(), other.parameters().toArray()));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "phi3",
        "phi3-nf4",
        "phi3-window",
        "phi3-bnb4bit",
        "llama-gqa",
        "qwen2-bias",
        "llama-sharded"
      })
  void whatPeftSavedLoadsAndSavesWithTheSameTensors(String name) {
    Path stored = Reference.path(name).resolve("adapter");
    try (Decoder decoder = load(name);
        LoraAdapter adapter = LoraAdapter.load(decoder, stored)) {
      adapter.save(folder, Map.of());
      SafetensorsFile theirs = SafetensorsFile.open(stored.resolve("adapter_model.safetensors"));
      SafetensorsFile ours = SafetensorsFile.open(folder.resolve("adapter_model.safetensors"));
      assertEquals(new TreeSet<>(theirs.names()), new TreeSet<>(ours.names()));
      for (String tensor : theirs.names()) {
        assertEquals(theirs.info(tensor).shape(), ours.info(tensor).shape());
        assertArrayEquals(theirs.floats(tensor), ours.floats(tensor), tensor);
      }
      assertEquals("pt", ours.metadata().get("format"));
      checkConfig(
          Json.read(stored.resolve("adapter_config.json")),
          Json.read(folder.resolve("adapter_config.json")));
    }
  }

  /** PEFT takes its own default for what is missing, and so would build another model. */
  private static void checkConfig(JsonObject theirs, JsonObject ours) {
    for (String name :
        List.of(
            "peft_type",
            "task_type",
            "r",
            "use_rslora",
            "bias",
            "fan_in_fan_out",
            "use_dora",
            "layers_to_transform",
            "inference_mode",
            "init_lora_weights")) {
      assertEquals(theirs.node(name), ours.node(name), name);
    }
    for (String name : List.of("lora_alpha", "lora_dropout")) {
      assertEquals(theirs.number(name), ours.number(name), name);
    }
    assertEquals(
        new TreeSet<>(theirs.strings("target_modules")),
        new TreeSet<>(ours.strings("target_modules")));
    if (theirs.has("modules_to_save")) {
      List<String> saved = ours.strings("modules_to_save");
      assertTrue(saved.contains("score"), saved.toString());
      assertTrue(theirs.strings("modules_to_save").containsAll(saved), saved.toString());
    }
  }

  @Test
  void comesBackBitForBitWithItsSettingsAndTheSameBytes() throws IOException {
    Map<String, String> provenance = Map.of("model", "phi3", "data", "none", "seed", "7");
    Path second = folder.resolve("second/deeper");
    try (Decoder phi3 = load("phi3");
        LoraAdapter saved =
            LoraAdapter.on(phi3)
                .targets("qkv_proj", "mlp.down_proj")
                .rank(5)
                .alpha(7.5)
                .dropout(0.25)
                .rsLora(true)
                .layers(1, 3)
                .seed(7)
                .attach()) {
      float[] values = saved.parameters().toArray();
      for (int i = 0; i < values.length; i++) {
        values[i] = Math.scalb((i % 2 == 0 ? 1 : -1) * (1 + i * 1e-4f), i % 200 - 140);
      }
      saved.parameters().set(values);
      saved.save(folder, provenance);
      try (LoraAdapter loaded = LoraAdapter.load(phi3, folder)) {
        assertEquals(saved.config(), loaded.config());
        assertArrayEquals(values, loaded.parameters().toArray());
        loaded.save(second, provenance);
      }
    }
    for (String file : List.of("adapter_config.json", "adapter_model.safetensors")) {
      assertEquals(-1, Files.mismatch(folder.resolve(file), second.resolve(file)), file);
    }
    Map<String, String> metadata =
        SafetensorsFile.open(folder.resolve("adapter_model.safetensors")).metadata();
    assertEquals("7", metadata.get("seed"));
  }

  /** A kill between its two files must not leave the one's tensors scaled as the other's. */
  @Test
  void anAdapterCutShortOverAnotherIsNone() throws IOException {
    try (Decoder llama = load("llama-gqa");
        LoraAdapter first = LoraAdapter.on(llama).targets("q_proj").alpha(8).attach();
        LoraAdapter second = LoraAdapter.on(llama).targets("q_proj").alpha(16).attach()) {
      first.save(folder, Map.of());
      Path tensors = folder.resolve("adapter_model.safetensors");
      Path config = folder.resolve("adapter_config.json");
      byte[] whole = Files.readAllBytes(tensors);
      String settings = Files.readString(config);
      Files.delete(tensors);
      Files.createDirectory(tensors); // cannot be written
      assertThrows(FileWriteException.class, () -> second.save(folder, Map.of()));
      assertEquals(settings, Files.readString(config), "gone before the tensors were written");
      Files.delete(tensors);
      Files.write(tensors, whole);
      Files.delete(config);
      Files.createDirectory(config); // cannot be removed as a file
      assertThrows(FileWriteException.class, () -> second.save(folder, Map.of("a", "b")));
      assertArrayEquals(whole, Files.readAllBytes(tensors), "replaced beside another's settings");
      Files.delete(config);
      Files.writeString(config, settings);
      second.save(folder, Map.of());
      try (LoraAdapter loaded = LoraAdapter.load(llama, folder)) {
        assertEquals(16, loaded.config().alpha());
      }
    }
  }

  @Test
  void closingWaitsForThoseWhoComputeWithIt() throws Exception {
    try (Decoder llama = load("llama-gqa");
        LoraAdapter adapter = LoraAdapter.on(llama).targets("q_proj").attach()) {
      CountDownLatch within = new CountDownLatch(1);
      CountDownLatch closing = new CountDownLatch(1);
      List<Integer> seen = new ArrayList<>();
      TokenBatch batch = TokenBatch.of(List.of(new int[9]));
      Thread looking =
          new Thread(
              () ->
                  llama.observe(
                      batch,
                      adapter.view(),
                      new LayerListener() {
                        @Override
                        public void residual(int layers, Tensor states) {
                          within.countDown();
                          try {
                            closing.await();
                          } catch (InterruptedException e) {
                            throw new AssertionError(e);
                          }
                          seen.add(layers);
                        }
                      }));
      looking.start();
      within.await();
      Thread ending = new Thread(adapter::close);
      ending.start();
      closing.countDown();
      ending.join();
      looking.join();
      assertEquals(List.of(0, 1, 2, 3), seen);
      assertThrows(
          IllegalStateException.class,
          () -> llama.forward(batch, adapter.view(), PassOptions.SCORING));
    }
  }

  @Test
  void allLinearIsSpelledOut() {
    try (Decoder llama = load("llama-gqa");
        LoraAdapter saved =
            LoraAdapter.on(llama).targets("q_proj", "all-linear").layers(1, 2).attach()) {
      saved.save(folder, Map.of());
      assertFalse(read("adapter_config.json").contains("all-linear"));
      try (LoraAdapter loaded = LoraAdapter.load(llama, folder)) {
        assertEquals(
            List.of("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"),
            loaded.config().targets());
        assertEquals(saved.pathParameters(), loaded.pathParameters());
      }
    }
  }

  private String read(String file) {
    try {
      return Files.readString(folder.resolve(file));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void aRankBeyondWhatABufferHoldsIsRefused() {
    try (Decoder phi3 = load("phi3")) {
      LoraAdapter.Builder builder = LoraAdapter.on(phi3).targets("qkv_proj");
      for (int rank : new int[] {2_097_152, 100_000_000, Integer.MAX_VALUE}) {
        assertTrue(
            assertThrows(AdapterException.class, () -> builder.rank(rank).attach())
                .getMessage()
                .contains("lower the rank"));
      }
    }
  }

  @Test
  void anAdapterThatDoesNotFitTheMemoryLeavesNothing() {
    ReferenceBackend small = new ReferenceBackend(BackendOptions.defaults().withMemoryCap(100_000));
    try (Decoder phi3 = Decoder.load(Reference.path("phi3"), LoadOptions.defaults(), small)) {
      long used = small.memory().used();
      LoraAdapter.Builder builder = LoraAdapter.on(phi3).targets("qkv_proj").rank(1000);
      assertTrue(
          assertThrows(MemoryCapException.class, builder::attach)
              .getMessage()
              .contains("an adapter needs 4.1 MB"));
      assertEquals(used, small.memory().used());
      assertEquals(1, small.memory().openScopes());
    }
  }
}
