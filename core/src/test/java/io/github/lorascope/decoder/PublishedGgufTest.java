package io.github.lorascope.decoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.lorascope.backend.Backends;
import io.github.lorascope.backend.Precision;
import io.github.lorascope.checkpoint.Checkpoint;
import io.github.lorascope.checkpoint.SafetensorsFile;
import io.github.lorascope.tensor.Tensor;
import io.github.lorascope.tokenizer.SpecialTokens;
import io.github.lorascope.tokenizer.Tokenizer;
import io.github.lorascope.weights.Weight;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A published model beside what transformers computes with it: token ids, the last token's state at
 * each layer, and the largest logits of the next token. Too large to bundle, so it runs where
 * {@code -Dpublished.gguf=FOLDER} names a folder with the file, reference.json and
 * reference.safetensors.
 */
@EnabledIfSystemProperty(named = "published.gguf", matches = ".+")
class PublishedGgufTest {
  private static final double BOUND = 1e-4;

  private final Path folder = Path.of(System.getProperty("published.gguf"));

  static Stream<String> backends() {
    return Stream.of("onednn", "reference").filter(Backends.names()::contains);
  }

  private Path file() throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.gguf")) {
      return files.iterator().next();
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void computesWhatTransformersDoes(String backend) throws IOException {
    SafetensorsFile reference = SafetensorsFile.open(folder.resolve("reference.safetensors"));
    JsonNode texts =
        new ObjectMapper().readTree(folder.resolve("reference.json").toFile()).get("texts");
    LoadOptions options = LoadOptions.defaults().with(Precision.F32).withBackend(backend);
    double worst = 0;
    double worstLogit = 0;
    try (Decoder decoder = Decoder.load(file(), options);
        Tokenizer tokenizer = Tokenizer.load(file())) {
      Weight embedding =
          Checkpoint.open(file())
              .matrix(
                  "model.embed_tokens.weight",
                  decoder.config().vocabularySize(),
                  decoder.config().hiddenSize());
      for (int i = 0; i < texts.size(); i++) {
        String text = texts.get(i).get("text").asText();
        int[] ids = tokenizer.encode(text, SpecialTokens.PARSE, true).ids();
        assertArrayEquals(integers(reference, i + ".ids"), ids, text);
        List<float[]> states = lastStates(decoder, ids);
        float[] expected = reference.floats(i + ".hidden");
        int width = decoder.config().hiddenSize();
        assertEquals(expected.length, states.size() * width);
        for (int layer = 0; layer < states.size(); layer++) {
          double deviation = deviation(expected, layer * width, states.get(layer));
          assertTrue(deviation <= BOUND, "state " + layer + " of " + text + ": " + deviation);
          worst = Math.max(worst, deviation);
        }
        int[] best = integers(reference, i + ".top5.ids");
        float[] logits = reference.floats(i + ".top5.logits");
        for (int k = 0; k < best.length; k++) {
          double logit = logit(embedding, best[k], states.get(states.size() - 1));
          worstLogit = Math.max(worstLogit, Math.abs(logit - logits[k]) / Math.abs(logits[k]));
        }
      }
    }
    System.out.printf(
        "%s: states differ by at most %.2g of their length, the largest logits by %.2g%n",
        backend, worst, worstLogit);
    assertTrue(worstLogit <= BOUND, "logits: " + worstLogit);
  }

  /** The embedding, what the layers but the last give, and what the final norm gives. */
  private static List<float[]> lastStates(Decoder decoder, int[] ids) {
    List<float[]> states = new ArrayList<>();
    decoder.observe(
        TokenBatch.of(List.of(ids)),
        null,
        new LayerListener() {
          @Override
          public void residual(int layers, Tensor x) {
            if (layers < decoder.config().layers()) {
              states.add(x.rows(ids.length - 1, ids.length).toArray());
            }
          }

          @Override
          public void normalized(Tensor x) {
            states.add(x.rows(ids.length - 1, ids.length).toArray());
          }
        });
    return states;
  }

  private static double deviation(float[] expected, int from, float[] actual) {
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < actual.length; i++) {
      difference += Math.pow((double) expected[from + i] - actual[i], 2);
      norm += Math.pow(expected[from + i], 2);
    }
    return Math.sqrt(difference / norm);
  }

  /** The head is the embedding. */
  private static double logit(Weight embedding, int id, float[] state) {
    float[] row = new float[state.length];
    embedding.read(id, id + 1, row, 0);
    double logit = 0;
    for (int i = 0; i < row.length; i++) {
      logit += (double) row[i] * state[i];
    }
    return logit;
  }

  private static int[] integers(SafetensorsFile file, String name) {
    ByteBuffer data = file.data(name);
    int[] integers = new int[data.remaining() / Long.BYTES];
    for (int i = 0; i < integers.length; i++) {
      integers[i] = Math.toIntExact(data.getLong());
    }
    return integers;
  }
}
