package io.github.lorascope.examples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.backend.Backends;
import io.github.lorascope.backend.Precision;
import io.github.lorascope.checkpoint.SafetensorsFile;
import io.github.lorascope.decoder.Adapter;
import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.decoder.DecoderPass;
import io.github.lorascope.decoder.LayerListener;
import io.github.lorascope.decoder.LoadOptions;
import io.github.lorascope.decoder.PassOptions;
import io.github.lorascope.decoder.TokenBatch;
import io.github.lorascope.json.Json;
import io.github.lorascope.lora.LoraAdapter;
import io.github.lorascope.rerank.PairScore;
import io.github.lorascope.rerank.PassagePair;
import io.github.lorascope.rerank.Reranker;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.LongBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The bundled model on real prompts, against transformers and PEFT in float32. */
class RealModelTest {
  private static final Path FOLDER = Folders.resource("/smollm2-cut");
  private static final Pattern PROMPT =
      Pattern.compile(
          "Query: (.*)\n\nDocument A: (.*)\n\nDocument B: (.*)\n\nWhich document is .*",
          Pattern.DOTALL);
  private static final int PREDICTIONS = 40;

  /** Of the slow backends one prompt must do, with the adapter. */
  static Stream<Arguments> computed() {
    return Backends.names().stream()
        .flatMap(
            name ->
                FastBackends.contain(name)
                    ? Stream.of(
                        Arguments.of(name, Precision.F32, 6), Arguments.of(name, Precision.BF16, 6))
                    : Stream.of(Arguments.of(name, Precision.F32, 1)));
  }

  static List<String> fast() {
    return FastBackends.names();
  }

  private static Decoder load(String backend, Precision precision) {
    return Decoder.load(
        Bundled.model(), LoadOptions.defaults().with(precision).withBackend(backend));
  }

  private static PassagePair pair(String prompt) {
    Matcher matcher = PROMPT.matcher(prompt);
    assertTrue(matcher.matches(), prompt);
    return new PassagePair(matcher.group(1), matcher.group(2), matcher.group(3));
  }

  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("computed")
  void tokensStatesAndLogits(String backend, Precision precision, int prompts) {
    boolean exact = precision == Precision.F32;
    SafetensorsFile reference = SafetensorsFile.open(FOLDER.resolve("reference.safetensors"));
    List<String> texts = new ArrayList<>();
    Json.read(FOLDER.resolve("reference.json"))
        .node("prompts")
        .forEach(prompt -> texts.add(prompt.get("prompt").asText()));
    assertEquals(6, texts.size());
    try (Decoder decoder = load(backend, precision);
        LoraAdapter adapter = LoraAdapter.load(decoder, FOLDER.resolve("adapter"));
        Reranker reranker = Reranker.pairwise(decoder)) {
      for (int i = 0; i < texts.size(); i++) {
        int[] encoded = reranker.encode(pair(texts.get(i))).ids();
        LongBuffer ids = reference.data(i + ".ids").asLongBuffer();
        int[] expected = new int[ids.remaining()];
        for (int t = 0; t < expected.length; t++) {
          expected[t] = (int) ids.get(t);
        }
        assertArrayEquals(expected, encoded);
        if (i < prompts) {
          TokenBatch batch = TokenBatch.of(List.of(expected));
          double bound = exact ? 1e-4 : 3e-2;
          if (FastBackends.contain(backend)) {
            compare(decoder, batch, null, reference.floats("base." + i + ".hidden"), bound);
          }
          compare(
              decoder, batch, adapter.view(), reference.floats("adapted." + i + ".hidden"), bound);
          try (DecoderPass pass = decoder.forward(batch, adapter.view(), PassOptions.SCORING)) {
            assertArrayEquals(
                reference.floats("adapted." + i + ".logits"),
                pass.logits().toArray(),
                exact ? 1e-3f : 0.1f);
          }
        }
      }
    }
  }

  /** The last token's state after every layer; the last row of the reference is normalized. */
  private static void compare(
      Decoder decoder, TokenBatch batch, Adapter adapter, float[] expected, double bound) {
    int hidden = decoder.config().hiddenSize();
    int layers = decoder.config().layers();
    assertEquals((layers + 1) * hidden, expected.length);
    List<Integer> seen = new ArrayList<>();
    decoder.observe(
        batch,
        adapter,
        new LayerListener() {
          @Override
          public void residual(int passed, Tensor states) {
            if (passed < layers) {
              row(passed, states);
            }
          }

          @Override
          public void normalized(Tensor states) {
            row(layers, states);
          }

          private void row(int index, Tensor states) {
            float[] ours = states.rows(states.rows() - 1, states.rows()).toArray();
            double difference = 0;
            double norm = 0;
            for (int i = 0; i < hidden; i++) {
              double wanted = expected[index * hidden + i];
              difference += Math.pow(ours[i] - wanted, 2);
              norm += wanted * wanted;
            }
            double error = Math.sqrt(difference / norm);
            assertTrue(error <= bound, "state " + index + " is off by " + error);
            seen.add(index);
          }
        });
    assertEquals(layers + 1, seen.size());
  }

  @ParameterizedTest
  @MethodSource("fast")
  void probabilitiesOfDevelopmentPairs(String backend) throws IOException {
    String text;
    try (InputStream in =
        new GZIPInputStream(Files.newInputStream(FOLDER.resolve("predictions.dev.json.gz")))) {
      text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
    List<PassagePair> pairs = new ArrayList<>();
    List<PairScore> expected = new ArrayList<>();
    StreamSupport.stream(Json.parse(text, "predictions").node("pairs").spliterator(), false)
        .limit(PREDICTIONS)
        .forEach(
            pair -> {
              pairs.add(pair(pair.get("prompt").asText()));
              expected.add(
                  new PairScore(
                      pair.get("logits").get(0).asDouble(), pair.get("logits").get(1).asDouble()));
            });
    assertEquals(PREDICTIONS, pairs.size());
    try (Decoder decoder = load(backend, Precision.F32);
        LoraAdapter adapter = LoraAdapter.load(decoder, FOLDER.resolve("adapter"));
        Reranker reranker = Reranker.pairwise(decoder)) {
      List<PairScore> scores = reranker.withAdapter(adapter.view()).score(pairs);
      for (int i = 0; i < PREDICTIONS; i++) {
        assertEquals(expected.get(i).probabilityA(), scores.get(i).probabilityA(), 1e-3, "" + i);
      }
    }
  }

  /** Of the mean loss over the six prompts. */
  @ParameterizedTest
  @MethodSource("fast")
  void gradients(String backend) {
    SafetensorsFile reference = SafetensorsFile.open(FOLDER.resolve("reference.safetensors"));
    List<int[]> prompts = new ArrayList<>();
    List<Integer> labels = new ArrayList<>();
    try (Decoder decoder = load(backend, Precision.F32);
        LoraAdapter adapter = LoraAdapter.load(decoder, FOLDER.resolve("adapter"));
        Reranker reranker = Reranker.pairwise(decoder);
        MemoryScope memory = decoder.backend().scope("gradients")) {
      Json.read(FOLDER.resolve("reference.json"))
          .node("prompts")
          .forEach(
              prompt -> {
                prompts.add(reranker.encode(pair(prompt.get("prompt").asText())).ids());
                labels.add(prompt.get("label").asInt());
              });
      Tensor gradients = memory.zeros(1, adapter.parameters().columns());
      try (DecoderPass pass =
          decoder.forward(TokenBatch.of(prompts), adapter.view(), PassOptions.training(0, 0))) {
        Tensor dLogits = memory.tensor(6, 2);
        int[] answers = labels.stream().mapToInt(Integer::intValue).toArray();
        double[] losses = decoder.backend().crossEntropy(pass.logits(), answers, 1 / 6.0, dLogits);
        double mean = 0;
        for (double loss : losses) {
          mean += loss / 6;
        }
        assertEquals(reference.floats("gradient.loss")[0], mean, 1e-4);
        pass.backward(dLogits, adapter.view(gradients));
      }
      float[] a = reference.floats("gradient.norm.a");
      float[] b = reference.floats("gradient.norm.b");
      adapter
          .named(gradients)
          .forEach(
              (name, gradient) -> {
                if (name.contains("lora_")) {
                  int layer = Integer.parseInt(name.replaceAll(".*layers\\.(\\d+)\\..*", "$1"));
                  double expected = name.contains("lora_A") ? a[layer] : b[layer];
                  double norm = Math.sqrt(decoder.backend().squaredNorm(gradient));
                  assertEquals(expected, norm, 1e-3 * expected, name);
                }
              });
    }
  }
}
