package io.github.lorascope.decoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.Golden;
import io.github.lorascope.backend.AttentionShape;
import io.github.lorascope.backend.Backend;
import io.github.lorascope.backend.BackendOptions;
import io.github.lorascope.backend.Backends;
import io.github.lorascope.backend.Precision;
import io.github.lorascope.checkpoint.Checkpoint;
import io.github.lorascope.checkpoint.ModelConfig;
import io.github.lorascope.decoder.TestAdapter.Step;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;
import io.github.lorascope.weights.Weight;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class DecoderTest {
  private static final TokenBatch BATCH =
      TokenBatch.of(
          List.of(
              new int[] {5, 9, 7, 100, 3, 44, 12},
              new int[] {11},
              new int[] {1, 1, 1, 159, 0},
              new int[] {8, 8}));

  @TempDir Path folder;

  static Stream<Arguments> modelsAndBackends() {
    return Stream.of("phi3", "phi3-window", "phi3-bnb4bit", "llama-gqa", "qwen2-bias", "qwen3")
        .flatMap(model -> Backends.names().stream().map(name -> Arguments.of(model, name)));
  }

  static List<String> backends() {
    return Backends.names();
  }

  private static Decoder load(String model, Backend backend) {
    return load(Golden.path(model), backend);
  }

  private static Decoder load(Path model, Backend backend) {
    return Decoder.load(model, LoadOptions.defaults().with(Precision.F32), backend);
  }

  private static Backend open(String name) {
    return Backends.named(name, BackendOptions.defaults().withThreads(2));
  }

  private static void assertNothingLeft(Backend backend) {
    assertEquals(0, backend.memory().used());
    assertEquals(0, backend.memory().openScopes());
    backend.close();
  }

  private static void assertSame(Step expected, Step actual) {
    assertArrayEquals(expected.logits(), actual.logits());
    assertArrayEquals(expected.head(), actual.head());
    assertEquals(expected.paths().keySet(), actual.paths().keySet());
    expected
        .paths()
        .forEach(
            (site, pair) -> {
              assertArrayEquals(pair.get(0), actual.paths().get(site).get(0), site + " A");
              assertArrayEquals(pair.get(1), actual.paths().get(site).get(1), site + " B");
            });
  }

  private static void assertClose(float[] expected, float[] actual, double bound, String what) {
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < expected.length; i++) {
      difference += Math.pow((double) expected[i] - actual[i], 2);
      norm += Math.pow(expected[i], 2);
    }
    assertTrue(
        Math.sqrt(difference) <= bound * Math.sqrt(norm),
        what + ": " + Math.sqrt(difference) + " of " + Math.sqrt(norm));
  }

  private static void assertClose(Step expected, Step actual) {
    assertClose(expected.logits(), actual.logits(), 1e-4, "logits");
    assertFalse(expected.paths().isEmpty());
    expected
        .paths()
        .forEach(
            (site, pair) -> {
              assertClose(pair.get(0), actual.paths().get(site).get(0), 1e-3, site + " A");
              assertClose(pair.get(1), actual.paths().get(site).get(1), 1e-3, site + " B");
            });
  }

  @ParameterizedTest(name = "{0} on {1}")
  @MethodSource("modelsAndBackends")
  void recomputingChangesNoBit(String model, String name) {
    Backend backend = open(name);
    try (Decoder decoder = load(model, backend);
        TestAdapter all = new TestAdapter(decoder, 1, site -> true);
        TestAdapter upper = new TestAdapter(decoder, 1, site -> site.layer() > 0)) {
      for (TestAdapter adapter : List.of(all, upper)) {
        assertSame(
            adapter.step(BATCH, new PassOptions(true, 0.3, 7, false)),
            adapter.step(BATCH, new PassOptions(true, 0.3, 7, true)));
      }
    }
    assertNothingLeft(backend);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aListenerThatFailsLeavesNothing(boolean recompute) {
    Backend backend = open("reference");
    try (Decoder decoder = load("phi3", backend);
        TestAdapter adapter = new TestAdapter(decoder, 1, site -> true);
        MemoryScope scope = backend.scope("test")) {
      AdapterTensors gradients = adapter.gradients(scope);
      Tensor dLogits = scope.zeros(BATCH.sequences(), 2);
      long used = backend.memory().used();
      int scopes = backend.memory().openScopes();
      try (DecoderPass pass =
          decoder.forward(BATCH, adapter.adapter(), new PassOptions(true, 0, 0, recompute))) {
        assertThrows(
            UnsupportedOperationException.class,
            () ->
                pass.backward(
                    dLogits,
                    gradients,
                    (layers, gradient) -> {
                      throw new UnsupportedOperationException();
                    }));
      }
      assertEquals(used, backend.memory().used());
      assertEquals(scopes, backend.memory().openScopes());
    }
    assertNothingLeft(backend);
  }

  @ParameterizedTest(name = "{0} on {1}")
  @MethodSource("modelsAndBackends")
  void tellsTheWeightsThatItHolds(String model, String name) {
    Checkpoint checkpoint = Checkpoint.open(Golden.path(model));
    Backend backend = open(name);
    try (Decoder decoder = load(model, backend)) {
      for (int layer = 0; layer < decoder.config().layers(); layer++) {
        for (LinearModule module : LinearModule.of(decoder.config())) {
          String stored = "model.layers." + layer + "." + module.path() + ".weight";
          Weight expected = checkpoint.matrix(stored, module.outputs(), module.inputs());
          Weight held = decoder.weight(layer, module.path());
          assertEquals(expected.form(), held.form());
          assertEquals(module.outputs(), held.rows());
          assertEquals(expected.bytes(), held.bytes());
          assertArrayEquals(read(expected, 0, held.rows()), read(held, 0, held.rows()));
          int middle = decoder.config().queryWidth() - 1; // where the last layer's is divided
          if (middle + 3 <= held.rows()) {
            assertArrayEquals(read(expected, middle, middle + 3), read(held, middle, middle + 3));
          }
        }
      }
      assertThrows(IllegalArgumentException.class, () -> decoder.weight(0, "self_attn.k"));
    }
    assertNothingLeft(backend);
  }

  private static float[] read(Weight weight, int from, int to) {
    float[] values = new float[(to - from) * weight.columns() + 1];
    weight.read(from, to, values, 1);
    return values;
  }

  @ParameterizedTest(name = "{0} on {1}")
  @MethodSource("modelsAndBackends")
  void whatIsNotAdaptedDoesNotMatterToTheRest(String model, String name) {
    Backend backend = open(name);
    try (Decoder decoder = load(model, backend);
        TestAdapter full = new TestAdapter(decoder, 1, site -> true);
        TestAdapter one = new TestAdapter(decoder, 1, site -> site.layer() == 1)) {
      full.adapter()
          .values()
          .paths()
          .forEach(
              (site, pair) -> {
                if (site.layer() != 1) {
                  pair.b().fill(0);
                }
              });
      Step whole = full.step(BATCH, PassOptions.training(0, 0));
      Step part = one.step(BATCH, PassOptions.training(0, 0));
      assertClose(whole.logits(), part.logits(), 1e-6, "logits");
      part.paths()
          .forEach(
              (site, pair) -> {
                assertClose(whole.paths().get(site).get(0), pair.get(0), 1e-5, site + " A");
                assertClose(whole.paths().get(site).get(1), pair.get(1), 1e-5, site + " B");
              });
      assertFalse(part.paths().isEmpty());
    }
    assertNothingLeft(backend);
  }

  @ParameterizedTest
  @MethodSource("backends")
  void backwardStopsAtTheLowestLayerThatIsTrained(String name) {
    CountingBackend counting = new CountingBackend(open(name));
    Backend backend = counting.proxy();
    try (Decoder decoder = load("phi3", backend);
        TestAdapter all = new TestAdapter(decoder, 1, site -> true);
        TestAdapter top = new TestAdapter(decoder, 1, site -> site.layer() >= 2);
        TestAdapter none = new TestAdapter(decoder, 1, site -> false)) {
      long heldForAll = heldByForward(decoder, all);
      long heldForTop = heldByForward(decoder, top);
      long heldForNone = heldByForward(decoder, none);
      assertTrue(heldForTop < 0.7 * heldForAll, heldForTop + " of " + heldForAll);
      assertTrue(heldForNone < 0.3 * heldForAll, heldForNone + " of " + heldForAll);
      counting.reset();
      all.step(BATCH, PassOptions.training(0, 0));
      assertEquals(4, counting.calls("attention"));
      assertEquals(4, counting.calls("attentionBackward"));
      counting.reset();
      top.step(BATCH, PassOptions.training(0, 0));
      assertEquals(2, counting.calls("attentionBackward"));
      assertEquals(2, counting.calls("swiGluBackward"));
      counting.reset();
      top.step(BATCH, new PassOptions(true, 0, 0, true));
      assertEquals(4 + 2, counting.calls("attention"));
      counting.reset();
      none.step(BATCH, PassOptions.training(0, 0));
      assertEquals(0, counting.calls("attentionBackward"));
      assertEquals(1, counting.calls("headBackward"));
    }
    assertNothingLeft(backend);
  }

  private static long heldByForward(Decoder decoder, TestAdapter adapter) {
    int[] ids = new int[120];
    Arrays.fill(ids, 17);
    long before = decoder.backend().memory().used();
    try (DecoderPass pass =
        decoder.forward(
            TokenBatch.of(List.of(ids, ids)), adapter.adapter(), PassOptions.training(0, 0))) {
      assertEquals(2, pass.logits().rows());
      return decoder.backend().memory().used() - before;
    }
  }

  @ParameterizedTest(name = "{0} on {1}")
  @MethodSource("modelsAndBackends")
  void logitsAreTheHeadOverTheStatesThatAreObserved(String model, String name) {
    Backend backend = open(name);
    try (Decoder decoder = load(model, backend);
        TestAdapter adapter = new TestAdapter(decoder, 1, site -> true)) {
      for (Adapter with : new Adapter[] {null, adapter.adapter()}) {
        List<Integer> seen = new ArrayList<>();
        List<float[]> last = new ArrayList<>();
        decoder.observe(
            BATCH,
            with,
            new LayerListener() {
              @Override
              public void residual(int layers, Tensor states) {
                seen.add(layers);
              }

              @Override
              public void normalized(Tensor states) {
                for (int token : BATCH.lastTokens()) {
                  last.add(states.rows(token, token + 1).toArray());
                }
              }
            });
        assertEquals(decoder.config().layers() + 1, seen.size());
        assertEquals(decoder.config().layers(), seen.get(seen.size() - 1));
        float[] head = decoder.head(with).toArray();
        try (DecoderPass pass = decoder.forward(BATCH, with, PassOptions.SCORING)) {
          for (int s = 0; s < BATCH.sequences(); s++) {
            assertClose(last.get(s), pass.hidden().rows(s, s + 1).toArray(), 1e-5, "state " + s);
            for (int label = 0; label < 2; label++) {
              double logit = 0;
              for (int i = 0; i < last.get(s).length; i++) {
                logit += (double) last.get(s)[i] * head[label * last.get(s).length + i];
              }
              assertEquals(logit, pass.logits().get(s, label), 1e-5 * Math.max(1, Math.abs(logit)));
            }
          }
        }
      }
    }
    assertNothingLeft(backend);
  }

  @ParameterizedTest(name = "{0} on {1}")
  @MethodSource("modelsAndBackends")
  void sequencesPackedTogetherDoNotSeeEachOther(String model, String name) {
    Backend backend = open(name);
    try (Decoder decoder = load(model, backend);
        DecoderPass packed = decoder.forward(BATCH, null, PassOptions.SCORING)) {
      for (int s = 0; s < BATCH.sequences(); s++) {
        int[] ids = Arrays.copyOfRange(BATCH.ids(), BATCH.offsets()[s], BATCH.offsets()[s + 1]);
        try (DecoderPass alone =
            decoder.forward(TokenBatch.of(List.of(ids)), null, PassOptions.SCORING)) {
          assertClose(
              alone.logits().toArray(), packed.logits().rows(s, s + 1).toArray(), 1e-5, "" + s);
        }
      }
    }
    assertNothingLeft(backend);
  }

  @ParameterizedTest(name = "{0} on {1}")
  @MethodSource("modelsAndBackends")
  void whatSequencesBeginWithMayBeComputedOnce(String model, String name) {
    Backend backend = open(name);
    int[] prefix = {5, 9, 3, 7, 2, 8, 4, 6, 1};
    List<int[]> continuations = List.of(new int[] {3}, new int[] {4, 4, 9, 2}, new int[] {8, 1});
    TokenBatch batch = TokenBatch.continuing(prefix, continuations);
    assertEquals(16, batch.tokens());
    try (Decoder decoder = load(model, backend);
        DecoderPass once = decoder.forward(batch, null, PassOptions.SCORING)) {
      for (int i = 0; i < continuations.size(); i++) {
        int[] own = continuations.get(i);
        int[] whole = Arrays.copyOf(prefix, prefix.length + own.length);
        System.arraycopy(own, 0, whole, prefix.length, own.length);
        try (DecoderPass alone =
            decoder.forward(TokenBatch.of(List.of(whole)), null, PassOptions.SCORING)) {
          assertClose(
              alone.logits().toArray(), once.logits().rows(i + 1, i + 2).toArray(), 1e-5, "" + i);
        }
      }
      assertThrows(
          IllegalArgumentException.class,
          () -> decoder.observe(batch, null, new LayerListener() {}));
    }
    assertNothingLeft(backend);
  }

  @ParameterizedTest(name = "{0} on {1}")
  @MethodSource("modelsAndBackends")
  void aPassGoesOnFromTheStatesOfAnyDepth(String model, String name) {
    Backend backend = open(name);
    try (Decoder decoder = load(model, backend)) {
      List<float[]> branches = new ArrayList<>();
      ResidualEditor branch =
          (layers, states) -> {
            float[] before = states.toArray();
            try (DecoderPass rest = decoder.forwardFrom(layers, states, BATCH, null)) {
              branches.add(rest.logits().toArray());
            }
            assertArrayEquals(before, states.toArray());
          };
      try (DecoderPass whole = decoder.forwardEdited(BATCH, null, branch)) {
        assertEquals(decoder.config().layers() + 1, branches.size());
        for (float[] logits : branches) {
          assertArrayEquals(whole.logits().toArray(), logits);
        }
        assertThrows(
            IllegalArgumentException.class,
            () -> decoder.forwardFrom(0, whole.hidden(), BATCH, null));
      }
    }
    assertNothingLeft(backend);
  }

  @ParameterizedTest
  @MethodSource("backends")
  void eachLayerHasItsOwnWindow(String name) throws IOException {
    Backend backend = open(name);
    try (Decoder windowed = load(TestMistral.write(folder), backend);
        Decoder whole = load("llama-gqa", backend)) {
      assertEquals(List.of(0, TestMistral.WINDOW, 0), windows(windowed));
      assertEquals(List.of(0, 0, 0), windows(whole));
      float[] near = score(windowed, null);
      float[] far = score(whole, null);
      for (int s = 0; s < BATCH.sequences(); s++) {
        int tokens = BATCH.offsets()[s + 1] - BATCH.offsets()[s];
        double difference = Math.abs(near[2 * s] - far[2 * s]);
        // a sequence that the window holds is not cut off
        boolean same = tokens <= TestMistral.WINDOW;
        assertTrue(same ? difference < 1e-5 : difference > 1e-3, s + ": " + difference);
      }
    }
    assertNothingLeft(backend);
  }

  /** The windows that a listener sees, layer by layer. */
  private static List<Integer> windows(Decoder decoder) {
    List<Integer> windows = new ArrayList<>();
    decoder.observe(
        BATCH,
        null,
        new LayerListener() {
          @Override
          public void attention(int layer, Tensor q, Tensor k, AttentionShape shape) {
            assertEquals(windows.size(), layer);
            windows.add(shape.window());
          }
        });
    return windows;
  }

  @ParameterizedTest
  @MethodSource("backends")
  void windowsThatDifferByLayerAreTheReferences(String name) throws IOException {
    Path model = TestMistral.write(folder);
    assertClose(stepOf(model, "reference"), stepOf(model, name));
  }

  private static Step stepOf(Path model, String name) {
    Backend backend = open(name);
    Step step;
    try (Decoder decoder = load(model, backend);
        TestAdapter adapter = new TestAdapter(decoder, 1, site -> true)) {
      step = adapter.step(BATCH, PassOptions.training(0, 0));
    }
    assertNothingLeft(backend);
    return step;
  }

  @Test
  void withoutALayerTheOthersKeepTheirPaths() {
    Backend backend = open("reference");
    try (Decoder decoder = load("llama-gqa", backend);
        TestAdapter all = new TestAdapter(decoder, 1, site -> true);
        TestAdapter others = new TestAdapter(decoder, 1, site -> site.layer() != 1)) {
      Adapter without = all.adapter().withoutLayer(1);
      assertEquals(others.adapter().values().paths().keySet(), without.values().paths().keySet());
      without
          .values()
          .paths()
          .forEach((site, pair) -> assertEquals(all.adapter().values().paths().get(site), pair));
      assertArrayEquals(score(decoder, others.adapter()), score(decoder, without));
      assertEquals(all.adapter(), all.adapter().withoutLayer(3), "there is no such layer");
    }
    assertNothingLeft(backend);
  }

  @Test
  void closingWaitsForThoseWhoCompute() throws Exception {
    Backend backend = open("reference");
    Decoder decoder = load("llama-gqa", backend);
    TokenBatch batch = TokenBatch.of(List.of(new int[9]));
    CountDownLatch within = new CountDownLatch(1);
    CountDownLatch closing = new CountDownLatch(1);
    List<Integer> seen = new ArrayList<>();
    Thread looking =
        new Thread(
            () ->
                decoder.observe(
                    batch,
                    null,
                    new LayerListener() {
                      @Override
                      public void residual(int layers, Tensor states) {
                        seen.add(layers);
                        within.countDown();
                        try {
                          closing.await();
                        } catch (InterruptedException e) {
                          throw new AssertionError(e);
                        }
                      }
                    }));
    looking.start();
    within.await();
    Thread ending = new Thread(decoder::close);
    ending.start();
    closing.countDown();
    ending.join();
    looking.join();
    assertEquals(List.of(0, 1, 2, 3), seen);
    assertThrows(
        IllegalStateException.class, () -> decoder.forward(batch, null, PassOptions.SCORING));
    decoder.close();
    assertNothingLeft(backend);
  }

  @Test
  void aDecoderIsNotClosedInItsOwnPass() {
    Backend backend = open("reference");
    try (Decoder decoder = load("llama-gqa", backend)) {
      Runnable close = decoder::close;
      LayerListener closing =
          new LayerListener() {
            @Override
            public void residual(int layers, Tensor states) {
              close.run();
            }
          };
      TokenBatch batch = TokenBatch.of(List.of(new int[3]));
      assertThrows(IllegalStateException.class, () -> decoder.observe(batch, null, closing));
      decoder.forward(batch, null, PassOptions.SCORING).close();
    }
    assertNothingLeft(backend);
  }

  @Test
  void anAdapterOfAnotherModelIsRefused() {
    Backend backend = open("reference");
    TokenBatch batch = TokenBatch.of(List.of(new int[3]));
    try (Decoder phi3 = load("phi3", backend);
        Decoder llama = load("llama-gqa", backend);
        Decoder wider = load("phi3-nf4", backend);
        TestAdapter qkv = new TestAdapter(phi3, 1, site -> site.module().endsWith("qkv_proj"));
        TestAdapter head = new TestAdapter(phi3, 1, site -> false)) {
      phi3.forward(batch, qkv.adapter(), PassOptions.SCORING).close();
      llama.forward(batch, head.adapter(), PassOptions.SCORING).close(); // of the same width
      assertRefused(llama, batch, qkv.adapter(), "a path at self_attn.qkv_proj of layer ");
      assertRefused(wider, batch, head.adapter(), "] for the head where [2, ");
    }
    assertNothingLeft(backend);
  }

  private static void assertRefused(
      Decoder decoder, TokenBatch batch, Adapter adapter, String part) {
    for (Executable use :
        List.<Executable>of(
            () -> decoder.forward(batch, adapter, PassOptions.SCORING),
            () -> decoder.forwardEdited(batch, adapter, ResidualEditor.NONE),
            () -> decoder.observe(batch, adapter, new LayerListener() {}))) {
      String message = assertThrows(IllegalArgumentException.class, use).getMessage();
      assertTrue(message.startsWith("the adapter is of another model: it has "), message);
      assertTrue(message.contains(part), message);
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void aSequenceMayFillThePositionsAndNotPassThem(String name) {
    Backend backend = open(name);
    try (Decoder decoder = load("llama-gqa", backend)) {
      TokenBatch full = TokenBatch.of(List.of(new int[128], new int[1]));
      decoder.forward(full, null, PassOptions.SCORING).close();
      TokenBatch longer = TokenBatch.of(List.of(new int[3], new int[129]));
      String message =
          assertThrows(
                  SequenceLengthException.class,
                  () -> decoder.forward(longer, null, PassOptions.SCORING))
              .getMessage();
      assertTrue(message.contains("129 tokens") && message.contains("128 positions"), message);
      assertThrows(
          SequenceLengthException.class,
          () -> decoder.observe(longer, null, new LayerListener() {}));
    }
    assertNothingLeft(backend);
  }

  @ParameterizedTest
  @MethodSource("backends")
  void aTokenMustBeInTheVocabulary(String name) {
    Backend backend = open(name);
    try (Decoder decoder = load("llama-gqa", backend)) {
      for (int id : new int[] {-1, 160, Integer.MAX_VALUE}) {
        TokenBatch batch = TokenBatch.of(List.of(new int[] {3, id}));
        String message =
            assertThrows(
                    VocabularyException.class,
                    () -> decoder.forward(batch, null, PassOptions.SCORING))
                .getMessage();
        assertTrue(message.contains("token " + id) && message.contains("160"), message);
      }
    }
    assertNothingLeft(backend);
  }

  @Test
  void aBatchHasSequencesAndTokens() {
    assertThrows(IllegalArgumentException.class, () -> TokenBatch.of(List.of()));
    assertThrows(
        IllegalArgumentException.class, () -> TokenBatch.of(List.of(new int[2], new int[0])));
  }

  @ParameterizedTest
  @MethodSource("backends")
  void dropoutIsChosenByTheSeedAndOnlyInTraining(String name) {
    Backend backend = open(name);
    try (Decoder decoder = load("phi3", backend);
        TestAdapter adapter = new TestAdapter(decoder, 1, site -> true)) {
      Step first = adapter.step(BATCH, PassOptions.training(0.4, 7));
      assertSame(first, adapter.step(BATCH, PassOptions.training(0.4, 7)));
      Step other = adapter.step(BATCH, PassOptions.training(0.4, 8));
      assertFalse(Arrays.equals(first.logits(), other.logits()));
      Step without = adapter.step(BATCH, PassOptions.training(0, 7));
      assertFalse(Arrays.equals(first.logits(), without.logits()));
      try (DecoderPass scored =
          decoder.forward(BATCH, adapter.adapter(), new PassOptions(false, 0.4, 7, false))) {
        assertArrayEquals(without.logits(), scored.logits().toArray());
      }
    }
    assertNothingLeft(backend);
  }

  @ParameterizedTest
  @MethodSource("backends")
  void aFusedLinearLayerDropsTheSameInputsHoweverABackendHoldsIt(String name) {
    PassOptions dropping = PassOptions.training(0.4, 7);
    assertClose(stepOfGateUp("reference", dropping), stepOfGateUp(name, dropping));
  }

  private static Step stepOfGateUp(String name, PassOptions options) {
    Backend backend = open(name);
    Step step;
    try (Decoder decoder = load("phi3", backend);
        TestAdapter adapter =
            new TestAdapter(decoder, 1, site -> site.module().endsWith("gate_up_proj"))) {
      step = adapter.step(BATCH, options);
    }
    assertNothingLeft(backend);
    return step;
  }

  @ParameterizedTest
  @MethodSource("backends")
  void gradientsAreAdded(String name) {
    Backend backend = open(name);
    try (Decoder decoder = load("llama-gqa", backend);
        TestAdapter adapter = new TestAdapter(decoder, 1, site -> true);
        MemoryScope scope = backend.scope("gradients")) {
      AdapterTensors gradients = adapter.gradients(scope);
      Tensor dLogits = scope.tensor(4, 2, new float[] {1, -1, 0.5f, 0, 0, 2, -1, 1});
      float[] once = null;
      for (int i = 0; i < 2; i++) {
        try (DecoderPass pass =
            decoder.forward(BATCH, adapter.adapter(), PassOptions.training(0, 0))) {
          pass.backward(dLogits, gradients);
          float[] added = flat(gradients);
          assertThrows(IllegalStateException.class, () -> pass.backward(dLogits, gradients));
          assertArrayEquals(added, flat(gradients), "nothing is added by the same pass again");
        }
        float[] sum = flat(gradients);
        if (once == null) {
          once = sum;
        } else {
          for (int j = 0; j < once.length; j++) {
            once[j] *= 2;
          }
          assertClose(once, sum, 1e-6, "twice");
        }
      }
    }
    assertNothingLeft(backend);
  }

  private static float[] flat(AdapterTensors tensors) {
    List<float[]> parts = new ArrayList<>();
    tensors.paths().entrySet().stream()
        .sorted((x, y) -> x.getKey().toString().compareTo(y.getKey().toString()))
        .forEach(
            e -> {
              parts.add(e.getValue().a().toArray());
              parts.add(e.getValue().b().toArray());
            });
    parts.add(tensors.head().toArray());
    float[] flat = new float[parts.stream().mapToInt(p -> p.length).sum()];
    int next = 0;
    for (float[] part : parts) {
      System.arraycopy(part, 0, flat, next, part.length);
      next += part.length;
    }
    return flat;
  }

  @ParameterizedTest
  @MethodSource("backends")
  void backwardIsForTraining(String name) {
    Backend backend = open(name);
    try (Decoder decoder = load("phi3", backend);
        TestAdapter adapter = new TestAdapter(decoder, 1, site -> true);
        MemoryScope scope = backend.scope("gradients");
        DecoderPass pass = decoder.forward(BATCH, adapter.adapter(), PassOptions.SCORING)) {
      assertThrows(
          IllegalStateException.class,
          () -> pass.backward(scope.zeros(4, 2), adapter.gradients(scope)));
      assertThrows(
          IllegalArgumentException.class,
          () -> decoder.forward(BATCH, null, PassOptions.training(0, 0)));
    }
    assertNothingLeft(backend);
  }

  @ParameterizedTest
  @MethodSource("backends")
  void manyThreadsAndTwoAdaptersShareOneModel(String name) throws Exception {
    Backend backend = open(name);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try (Decoder decoder = load("phi3", backend);
        TestAdapter one = new TestAdapter(decoder, 1, site -> true);
        TestAdapter two = new TestAdapter(decoder, 2, site -> site.layer() % 2 == 0)) {
      Adapter[] adapters = {null, one.adapter(), two.adapter()};
      float[][] expected = new float[adapters.length][];
      for (int i = 0; i < adapters.length; i++) {
        expected[i] = score(decoder, adapters[i]);
      }
      assertFalse(Arrays.equals(expected[1], expected[2]));
      List<Future<?>> jobs = new ArrayList<>();
      for (int job = 0; job < 60; job++) {
        int at = job % adapters.length;
        jobs.add(
            threads.submit(() -> assertArrayEquals(expected[at], score(decoder, adapters[at]))));
      }
      for (Future<?> job : jobs) {
        job.get();
      }
    } finally {
      threads.shutdown();
    }
    assertNothingLeft(backend);
  }

  private static float[] score(Decoder decoder, Adapter adapter) {
    try (DecoderPass pass = decoder.forward(BATCH, adapter, PassOptions.SCORING)) {
      return pass.logits().toArray();
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  @SuppressWarnings("try") // closing again is what is tested
  void randomWeightsAreChosenByTheirSeed(String name) {
    ModelConfig config = ModelConfig.read(Golden.path("qwen2-bias/config.json"));
    LoadOptions options = LoadOptions.defaults().with(Precision.F32).withBackend(name);
    List<float[]> logits = new ArrayList<>();
    for (long seed : new long[] {4, 4, 5}) {
      try (Decoder decoder = Decoder.random(config, seed, options);
          TestAdapter adapter = new TestAdapter(decoder, 1, site -> true)) {
        assertTrue(decoder.folder().isEmpty());
        assertTrue(decoder.score().isEmpty());
        assertThrows(
            MissingHeadException.class, () -> decoder.forward(BATCH, null, PassOptions.SCORING));
        logits.add(score(decoder, adapter.adapter()));
        for (float logit : logits.get(logits.size() - 1)) {
          assertTrue(Float.isFinite(logit));
        }
      }
    }
    assertArrayEquals(logits.get(0), logits.get(1));
    assertNotEquals(logits.get(0)[0], logits.get(2)[0]);
  }
}
