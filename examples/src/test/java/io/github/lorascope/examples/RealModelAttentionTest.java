package io.github.lorascope.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.lorascope.backend.Precision;
import io.github.lorascope.checkpoint.SafetensorsFile;
import io.github.lorascope.data.PairExample;
import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.decoder.LoadOptions;
import io.github.lorascope.json.Json;
import io.github.lorascope.lora.LoraAdapter;
import io.github.lorascope.prompt.EncodedPrompt;
import io.github.lorascope.prompt.TokenSpan;
import io.github.lorascope.rerank.PairScore;
import io.github.lorascope.rerank.PassagePair;
import io.github.lorascope.rerank.Reranker;
import io.github.lorascope.tap.AttentionMeasurement;
import io.github.lorascope.tap.AttentionQuantity;
import io.github.lorascope.tap.AttentionTap;
import io.github.lorascope.tap.HiddenStateTap;
import io.github.lorascope.tap.HiddenStates;
import io.github.lorascope.tap.Lens;
import io.github.lorascope.tap.Observation;
import io.github.lorascope.tap.Observed;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The taps on the bundled model and real prompts against transformers and PEFT in float32. Errors
 * are the Euclidean norm of the difference over that of the reference, layer by layer: over the
 * heads of a layer for attention, over the numbers of a state, over the two logits of the lens.
 */
class RealModelAttentionTest {
  private static final Path FOLDER = Folders.resource("/smollm2-cut");
  private static final Pattern PROMPT =
      Pattern.compile(
          "Query: (.*)\n\nDocument A: (.*)\n\nDocument B: (.*)\n\nWhich document is .*",
          Pattern.DOTALL);
  private static final double BOUND = 1e-3;

  private static final SafetensorsFile REFERENCE =
      SafetensorsFile.open(FOLDER.resolve("reference.safetensors"));
  private static final List<PairExample> PAIRS = new ArrayList<>();
  private static final List<JsonNode> SPANS = new ArrayList<>();

  static List<String> backends() {
    return FastBackends.names();
  }

  @BeforeAll
  static void readPrompts() {
    for (JsonNode prompt : Json.read(FOLDER.resolve("reference.json")).node("prompts")) {
      Matcher parts = PROMPT.matcher(prompt.get("prompt").asText());
      assertTrue(parts.matches(), prompt.toString());
      PAIRS.add(
          new PairExample(
              parts.group(1), parts.group(2), parts.group(3), prompt.get("label").asInt()));
      SPANS.add(prompt.get("tokens"));
    }
    assertEquals(6, PAIRS.size());
  }

  @ParameterizedTest
  @MethodSource("backends")
  void spansMassesEntropyStatesAndLens(String backend) {
    LoadOptions options = LoadOptions.defaults().with(Precision.F32).withBackend(backend);
    try (Decoder decoder = Decoder.load(Bundled.model(), options);
        LoraAdapter adapter = LoraAdapter.load(decoder, FOLDER.resolve("adapter"));
        Reranker base = Reranker.pairwise(decoder)) {
      compareSpans(base);
      Observed untrained = observation(base).run();
      compareAttention(untrained.attention().orElseThrow(), "base.");
      compareStates(untrained.states().orElseThrow(), "base.", adapter);
      Observed trained = observation(base.withAdapter(adapter.view())).lens().run();
      compareAttention(trained.attention().orElseThrow(), "adapted.");
      compareStates(trained.states().orElseThrow(), "adapted.", adapter);
      compareLens(trained.lens().orElseThrow());
    }
  }

  private static Observation observation(Reranker reranker) {
    return Observation.of(reranker, PAIRS)
        .attention(AttentionTap.allLayers())
        .states(HiddenStateTap.allLayers());
  }

  private static void compareSpans(Reranker reranker) {
    for (int i = 0; i < PAIRS.size(); i++) {
      PairExample pair = PAIRS.get(i);
      EncodedPrompt prompt = reranker.encode(new PassagePair(pair.query(), pair.a(), pair.b()));
      assertEquals(span(i, "query"), prompt.query());
      assertEquals(span(i, "a"), prompt.documentA());
      assertEquals(span(i, "b"), prompt.documentB());
    }
  }

  private static TokenSpan span(int prompt, String part) {
    JsonNode ends = SPANS.get(prompt).get(part);
    return new TokenSpan(ends.get(0).asInt(), ends.get(1).asInt());
  }

  private static void compareAttention(AttentionMeasurement seen, String kind) {
    assertEquals(18, seen.layers().size());
    assertEquals(9, seen.heads());
    for (AttentionQuantity quantity : AttentionQuantity.values()) {
      for (int i = 0; i < PAIRS.size(); i++) {
        String name = kind + i + "." + quantity.tensor();
        float[] expected = REFERENCE.floats(name);
        for (int layer : seen.layers()) {
          float[] heads = new float[9];
          for (int head = 0; head < 9; head++) {
            heads[head] = (float) seen.values(quantity, layer, head)[i];
          }
          assertClose(Arrays.copyOfRange(expected, layer * 9, layer * 9 + 9), heads, name, layer);
        }
      }
    }
  }

  /** The last row of the reference is after the final norm, which the tap's is before. */
  private static void compareStates(HiddenStates seen, String kind, LoraAdapter adapter) {
    int hidden = seen.hiddenSize();
    int deepest = seen.layers().size() - 1;
    for (int layer : seen.layers()) {
      float[][] states = seen.layer(layer);
      for (int i = 0; i < PAIRS.size(); i++) {
        String name = kind + i + ".hidden";
        float[] expected = REFERENCE.floats(name, (long) layer * hidden, hidden);
        float[] actual = layer < deepest ? states[i] : normalized(states[i], adapter.decoder());
        assertClose(expected, actual, name, layer);
      }
    }
  }

  private static float[] normalized(float[] state, Decoder decoder) {
    SafetensorsFile weights = SafetensorsFile.open(Bundled.model().resolve("model.safetensors"));
    try (MemoryScope memory = decoder.backend().scope("a final norm")) {
      Tensor x = memory.tensor(1, state.length, state);
      Tensor gain = memory.tensor(1, state.length, weights.floats("model.norm.weight"));
      Tensor y = memory.tensor(1, state.length);
      double epsilon = decoder.config().rmsNormEpsilon();
      decoder.backend().rmsNorm(x, gain, epsilon, y, memory.tensor(1, 1));
      return y.toArray();
    }
  }

  private static void compareLens(Lens lens) {
    assertEquals(18, lens.layers());
    for (int i = 0; i < PAIRS.size(); i++) {
      for (int layer = 0; layer <= lens.layers(); layer++) {
        PairScore score = lens.score(i, layer);
        String name = "adapted." + i + ".lens";
        assertClose(
            REFERENCE.floats(name, 2L * layer, 2),
            new float[] {(float) score.logitA(), (float) score.logitB()},
            name,
            layer);
      }
    }
  }

  private static void assertClose(float[] expected, float[] actual, String name, int layer) {
    assertEquals(expected.length, actual.length);
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < expected.length; i++) {
      difference += Math.pow(expected[i] - actual[i], 2);
      norm += Math.pow(expected[i], 2);
    }
    double error = Math.sqrt(difference / norm);
    assertTrue(error <= BOUND, name + ", layer " + layer + ": off by " + error);
  }
}
