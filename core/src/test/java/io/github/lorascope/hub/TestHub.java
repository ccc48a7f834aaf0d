package io.github.lorascope.hub;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.github.lorascope.json.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A hub on this machine that answers as the Hugging Face Hub does, with one model, or as it must
 * not.
 */
final class TestHub implements AutoCloseable {
  static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

  /** What a request was: method, path, and the headers that matter, or null. */
  record Request(String method, String path, String range, String authorization) {}

  /** How the next request for content is answered instead of well. */
  interface Trouble {
    void answer(HttpExchange exchange, byte[] whole) throws IOException;
  }

  final Map<String, byte[]> files = new LinkedHashMap<>();
  final Map<String, String> listedHashes = new LinkedHashMap<>();

  /** Files listed by name alone. */
  final Set<String> bare = new HashSet<>();

  final Map<String, Long> listedSizes = new LinkedHashMap<>();
  final List<String> otherNames = new ArrayList<>();
  final Deque<Trouble> troubles = new ArrayDeque<>();
  String commit = COMMIT;
  int listStatus = 200;

  /** Headers of the answer to the request for the list. */
  final Map<String, String> listHeaders = new LinkedHashMap<>();

  /** The status that content of such a name is always refused with. */
  final Map<String, Integer> refused = new LinkedHashMap<>();

  boolean heedsRanges = true;
  boolean tellsLengths = true;
  TestHub store;

  private final Set<String> large;
  private final List<Request> requests = Collections.synchronizedList(new ArrayList<>());
  private final HttpServer server;

  /** Starts a hub whose large files are told by SHA-256. */
  TestHub(Set<String> large) {
    this.large = large;
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext("/", this::answer);
    server.start();
  }

  String address() {
    return "http://localhost:" + server.getAddress().getPort();
  }

  List<Request> requests() {
    return List.copyOf(requests);
  }

  /** The requests for a file's content. */
  List<Request> requestsFor(String file) {
    return requests().stream().filter(r -> r.path().endsWith("/" + file)).toList();
  }

  String hash(String file) {
    byte[] bytes = files.get(file);
    return large.contains(file)
        ? hex("SHA-256", new byte[0], bytes)
        : hex("SHA-1", ("blob " + bytes.length + "\0").getBytes(StandardCharsets.UTF_8), bytes);
  }

  private static String hex(String algorithm, byte[] first, byte[] second) {
    try {
      MessageDigest digest = MessageDigest.getInstance(algorithm);
      digest.update(first);
      return HexFormat.of().formatHex(digest.digest(second));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      requests.add(
          new Request(
              exchange.getRequestMethod(),
              path,
              exchange.getRequestHeaders().getFirst("Range"),
              exchange.getRequestHeaders().getFirst("Authorization")));
      if (path.startsWith("/api/models/")) {
        listHeaders.forEach(exchange.getResponseHeaders()::set);
        byte[] list = listStatus == 200 ? list() : new byte[0];
        exchange.sendResponseHeaders(listStatus, list.length == 0 ? -1 : list.length);
        exchange.getResponseBody().write(list);
        return;
      }
      String file = path.substring(path.lastIndexOf('/') + 1);
      byte[] whole = files.get(file);
      Trouble trouble = troubles.poll();
      if (refused.containsKey(file)) {
        exchange.sendResponseHeaders(refused.get(file), -1);
      } else if (trouble != null) {
        trouble.answer(exchange, whole);
      } else if (store != null) {
        exchange.getResponseHeaders().set("Location", store.address() + "/store/" + file);
        exchange.sendResponseHeaders(302, -1);
      } else {
        send(exchange, whole);
      }
    }
  }

  private void send(HttpExchange exchange, byte[] whole) throws IOException {
    String range = exchange.getRequestHeaders().getFirst("Range");
    int from = range != null && heedsRanges ? Integer.parseInt(range.replaceAll("\\D", "")) : 0;
    if (from > 0) {
      exchange
          .getResponseHeaders()
          .set("Content-Range", "bytes " + from + "-" + (whole.length - 1) + "/" + whole.length);
    }
    exchange.sendResponseHeaders(from > 0 ? 206 : 200, tellsLengths ? whole.length - from : 0);
    exchange.getResponseBody().write(whole, from, whole.length - from);
  }

  /** Sends so many bytes of the file, and closes the connection. */
  static Trouble cutAfter(int bytes) {
    return (exchange, whole) -> {
      exchange.sendResponseHeaders(200, whole.length);
      OutputStream body = exchange.getResponseBody();
      body.write(whole, 0, bytes);
      body.flush();
    };
  }

  static Trouble status(int status) {
    return (exchange, whole) -> exchange.sendResponseHeaders(status, -1);
  }

  static Trouble redirect(String location) {
    return (exchange, whole) -> {
      exchange.getResponseHeaders().set("Location", location);
      exchange.sendResponseHeaders(302, -1);
    };
  }

  private byte[] list() {
    List<Map<String, Object>> siblings = new ArrayList<>();
    for (String file : files.keySet()) {
      Map<String, Object> entry = new LinkedHashMap<>();
      String hash = listedHashes.getOrDefault(file, hash(file));
      long size = listedSizes.getOrDefault(file, (long) files.get(file).length);
      entry.put("rfilename", file);
      entry.put("size", size);
      entry.put("blobId", hash);
      if (large.contains(file)) {
        entry.put("lfs", Map.of("sha256", hash, "size", size, "pointerSize", 134));
      }
      siblings.add(bare.contains(file) ? Map.of("rfilename", file) : entry);
    }
    for (String name : otherNames) {
      siblings.add(Map.of("rfilename", name, "size", 1, "blobId", "0".repeat(40)));
    }
    return Json.write(Map.of("id", "org/name", "sha", commit, "siblings", siblings))
        .getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
