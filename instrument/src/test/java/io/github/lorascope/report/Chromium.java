package io.github.lorascope.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.lorascope.json.Json;
import io.github.lorascope.json.JsonObject;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A headless Chromium with one page, driven over the DevTools protocol
 * (https://chromedevtools.github.io/devtools-protocol/). Errors and requests of the page are kept.
 */
final class Chromium implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 120;

  private final Process process;
  private final WebSocket socket;
  private final BlockingQueue<String> messages = new LinkedBlockingQueue<>();
  private final List<String> errors = new ArrayList<>();
  private final List<String> requests = new ArrayList<>();
  private int lastId;

  /** The program, if it is installed. */
  static Optional<Path> program() {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1))
        .flatMap(
            folder ->
                Stream.of("chromium", "chromium-browser", "google-chrome")
                    .map(name -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  Chromium(Path program, Path profile) throws IOException, InterruptedException {
    process =
        new ProcessBuilder(
                program.toString(),
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--disable-dev-shm-usage",
                "--remote-debugging-port=0",
                "--user-data-dir=" + profile,
                "about:blank")
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    socket =
        HttpClient.newHttpClient()
            .newWebSocketBuilder()
            .buildAsync(page(port(profile)), new Listener())
            .join();
    for (String domain : List.of("Page", "Runtime", "Log", "Network")) {
      call(domain + ".enable", Map.of());
    }
  }

  private int port(Path profile) throws IOException, InterruptedException {
    Path file = profile.resolve("DevToolsActivePort");
    for (long i = 0; i < 10 * PATIENCE_SECONDS && process.isAlive(); i++) {
      if (Files.exists(file) && Files.size(file) > 0) {
        return Integer.parseInt(Files.readAllLines(file).get(0));
      }
      Thread.sleep(100);
    }
    process.destroyForcibly();
    throw new IOException("Chromium did not start");
  }

  private static URI page(int port) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/json/list")).build();
    String list =
        HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body();
    for (JsonObject target : Json.parse("{\"t\":" + list + "}", "targets").objects("t")) {
      if (target.string("type").equals("page")) {
        return URI.create(target.string("webSocketDebuggerUrl"));
      }
    }
    throw new IOException("Chromium has no page: " + list);
  }

  private final class Listener implements WebSocket.Listener {
    private final StringBuilder part = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
      part.append(data);
      if (last) {
        messages.add(part.toString());
        part.setLength(0);
      }
      from.request(1);
      return null;
    }
  }

  /** Calls a method of the protocol and waits for its result. */
  JsonObject call(String method, Map<String, ?> parameters) throws InterruptedException {
    int id = ++lastId;
    Map<String, Object> message = new LinkedHashMap<>();
    message.put("id", id);
    message.put("method", method);
    message.put("params", parameters);
    socket.sendText(Json.write(message), true).join();
    while (true) {
      JsonObject answer = next();
      if (answer.has("id") && answer.integer("id") == id) {
        if (answer.has("error")) {
          throw new IllegalStateException(method + ": " + answer.node("error"));
        }
        return answer.object("result");
      }
    }
  }

  private JsonObject next() throws InterruptedException {
    String text = messages.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    if (text == null) {
      throw new IllegalStateException("Chromium does not answer");
    }
    JsonObject message = Json.parse(text, "Chromium");
    switch (message.string("method", "")) {
      case "Runtime.exceptionThrown" -> errors.add(message.node("params").toString());
      case "Runtime.consoleAPICalled" -> errors.add(message.node("params").toString());
      case "Log.entryAdded" -> errors.add(message.node("params").toString());
      case "Network.requestWillBeSent" ->
          requests.add(message.node("params").path("request").path("url").asText());
      default -> {
        // An answer, or news of no interest.
      }
    }
    return message;
  }

  /** Opens a page and waits until it is loaded. */
  void open(Path html) throws InterruptedException {
    call("Page.navigate", Map.of("url", html.toUri().toString()));
    for (JsonObject event = next();
        !event.string("method", "").equals("Page.loadEventFired");
        event = next()) {
      // The load is still to come.
    }
  }

  /** The value of an expression, awaited if it is a promise. */
  JsonNode evaluate(String expression) throws InterruptedException {
    JsonObject result =
        call(
            "Runtime.evaluate",
            Map.of("expression", expression, "returnByValue", true, "awaitPromise", true));
    if (result.has("exceptionDetails")) {
      throw new IllegalStateException(expression + ": " + result.node("exceptionDetails"));
    }
    return result.node("result").path("value");
  }

  /** Lets the page have a size and a colour scheme, and draw itself anew. */
  void show(int width, int height, String scheme) throws InterruptedException {
    call(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", width < 600));
    call(
        "Emulation.setEmulatedMedia",
        Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
    evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))");
  }

  /** What the page complained of: exceptions, console messages, refused loads. */
  List<String> errors() {
    return errors;
  }

  /** Every address that the page asked for. */
  List<String> requests() {
    return requests;
  }

  @Override
  public void close() {
    socket.abort();
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly().onExit().join();
  }
}
