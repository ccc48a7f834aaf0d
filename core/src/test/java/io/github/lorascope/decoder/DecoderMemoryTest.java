package io.github.lorascope.decoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.Golden;
import io.github.lorascope.backend.Backend;
import io.github.lorascope.backend.BackendOptions;
import io.github.lorascope.backend.Backends;
import io.github.lorascope.backend.Precision;
import io.github.lorascope.tensor.MemoryCapException;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever moment memory runs out at, all that was taken is given back. */
class DecoderMemoryTest {
  private static final int CAPS = 80;
  private static final LoadOptions OPTIONS = LoadOptions.defaults().with(Precision.F32);
  private static final TokenBatch BATCH =
      TokenBatch.of(List.of(new int[] {5, 9, 7, 100, 3, 44, 12}, new int[40], new int[] {1}));

  static Stream<Arguments> backendsAndPasses() {
    return Backends.names().stream()
        .flatMap(name -> Stream.of(Arguments.of(name, false), Arguments.of(name, true)));
  }

  private static Backend open(String name, long cap) {
    return Backends.named(name, BackendOptions.defaults().withThreads(2).withMemoryCap(cap));
  }

  @ParameterizedTest(name = "on {0}, recomputing {1}")
  @MethodSource("backendsAndPasses")
  void nothingIsLeftWhereverTheCapIsHit(String name, boolean recompute) {
    PassOptions training = new PassOptions(true, 0.1, 3, recompute);
    Backend free = open(name, Long.MAX_VALUE);
    float[] logits = run(free, training);
    long peak = free.memory().peak();
    assertNothingLeft(free);

    TreeSet<String> hit = new TreeSet<>();
    for (int i = 1; i < CAPS; i++) {
      Backend backend = open(name, peak * i / CAPS);
      try {
        run(backend, training);
      } catch (MemoryCapException e) {
        hit.add(e.getMessage().replaceFirst(" needs.*", "").replaceAll("[0-9]+", "n"));
        assertTrue(
            e.getMessage().contains("raise the memory cap") && e.getMessage().contains(" MB"),
            e.getMessage());
      }
      assertNothingLeft(backend);
    }
    if (name.equals("reference")) { // the others also have scratch memory to run out of
      assertTrue(hit.contains("the activations of layer n"), hit.toString());
      assertTrue(
          hit.stream().anyMatch(at -> at.matches(".*(gradient|backward).*")), hit.toString());
    }
    assertTrue(hit.size() >= 5, hit.toString());

    Backend enough = open(name, peak);
    // sums may go in another order where memory has no room for a second copy of the weights
    assertArrayEquals(logits, run(enough, training), 1e-5f);
    assertNothingLeft(enough);
  }

  private static float[] run(Backend backend, PassOptions training) {
    try (Decoder decoder = Decoder.load(Golden.path("llama-gqa"), OPTIONS, backend);
        TestAdapter adapter = new TestAdapter(decoder, 1, site -> site.layer() > 0)) {
      decoder.observe(TokenBatch.of(List.of(new int[3])), null, new LayerListener() {});
      return adapter.step(BATCH, training).logits();
    }
  }

  private static void assertNothingLeft(Backend backend) {
    assertEquals(0, backend.memory().used());
    assertEquals(0, backend.memory().openScopes());
    backend.close();
  }
}
