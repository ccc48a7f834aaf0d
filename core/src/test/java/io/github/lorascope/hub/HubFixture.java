package io.github.lorascope.hub;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.net.httpserver.HttpExchange;
import io.github.lorascope.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A hub with one model, and an empty cache. */
abstract class HubFixture {
  static final String WEIGHTS = "model.safetensors";
  static final String MODEL = "org/name";
  static final String PAGE = "please sign in";

  @TempDir Path folder;

  final TestHub hub = new TestHub(Set.of(WEIGHTS));

  @BeforeEach
  void fill() throws IOException {
    for (String file : List.of("config.json", WEIGHTS)) {
      hub.files.put(file, Files.readAllBytes(Golden.path("phi3/" + file)));
    }
    hub.files.put("tokenizer.json", "{}".getBytes(UTF_8));
    hub.files.put("pytorch_model.bin", new byte[] {1, 2, 3});
    hub.files.put("README.md", new byte[] {1});
  }

  @AfterEach
  void stop() {
    hub.close();
  }

  Path root() {
    return folder.resolve("home/hub");
  }

  Path repository() {
    return root().resolve("models--org--name");
  }

  HubCache cache(String... variables) {
    return builder(variables).build();
  }

  HubCache.Builder builder(String... variables) {
    Map<String, String> environment = new HashMap<>();
    environment.put("HF_HOME", folder.resolve("home").toString());
    environment.put("HF_ENDPOINT", hub.address());
    environment.put("HF_HUB_DISABLE_PROGRESS_BARS", "1");
    for (int i = 0; i < variables.length; i += 2) {
      environment.put(variables[i], variables[i + 1]);
    }
    return HubCache.builder()
        .environment(environment)
        .pause(Duration.ofMillis(1))
        .patience(Duration.ofSeconds(20));
  }

  void assertWhole(Path snapshot) throws IOException {
    assertEquals(repository().resolve("snapshots").resolve(TestHub.COMMIT), snapshot);
    for (String file : List.of("config.json", "tokenizer.json", WEIGHTS)) {
      assertArrayEquals(hub.files.get(file), Files.readAllBytes(snapshot.resolve(file)), file);
    }
  }

  /** Every file in the folder of this test but those of the cache's locks. */
  List<String> everything() throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(Files::isRegularFile)
          .map(path -> folder.relativize(path).toString())
          .filter(path -> !path.contains(".locks"))
          .sorted()
          .toList();
    }
  }

  void cutTheWeights(int bytes) {
    troubleTheWeights(TestHub.cutAfter(bytes));
  }

  /** The first requests for content are for the small files. */
  void troubleTheWeights(TestHub.Trouble trouble) {
    hub.files.keySet().retainAll(Set.of("config.json", WEIGHTS, "tokenizer.json"));
    hub.troubles.add(this::well);
    hub.troubles.add(this::well);
    hub.troubles.add(trouble);
  }

  /** What a proxy may say in place of an answer, without its length. */
  static void page(HttpExchange exchange, byte[] whole) throws IOException {
    exchange.sendResponseHeaders(200, 0);
    exchange.getResponseBody().write(PAGE.getBytes(UTF_8));
  }

  void well(HttpExchange exchange, byte[] whole) throws IOException {
    exchange.sendResponseHeaders(200, whole.length);
    exchange.getResponseBody().write(whole);
  }
}
