package io.github.lorascope.hub;

import io.github.lorascope.LorascopeVersion;
import java.io.IOException;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Sends requests to a hub. Redirects are followed here and not by {@link HttpClient}, which would
 * take the token along to wherever they lead.
 */
final class HubClient {
  private static final int MOST_REDIRECTS = 10;
  private static final long TICK_MILLIS = 100;
  private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);

  private final URI endpoint;
  private final Optional<String> token;
  private final Duration patience;
  private final HttpClient client;

  /**
   * Makes a client.
   *
   * @param proxies to go through; empty: as Java's own properties say
   * @param patience for how long nothing may come
   */
  HubClient(
      URI endpoint, Optional<String> token, Optional<ProxySelector> proxies, Duration patience) {
    this.endpoint = endpoint;
    this.token = token;
    this.patience = patience;
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(patience);
    proxies.ifPresent(builder::proxy);
    this.client = builder.build();
  }

  URI endpoint() {
    return endpoint;
  }

  boolean hasToken() {
    return token.isPresent();
  }

  boolean isHub(URI address) {
    return endpoint.getScheme().equalsIgnoreCase(address.getScheme())
        && endpoint.getHost().equalsIgnoreCase(address.getHost())
        && port(endpoint) == port(address);
  }

  static int port(URI address) {
    return address.getPort() >= 0 ? address.getPort() : isEncrypted(address) ? 443 : 80;
  }

  /**
   * Gets a file, wherever it is.
   *
   * @param from where its bytes begin
   * @return the answer, whatever its status but a redirect
   * @throws IOException if the connection fails or nothing comes, which may pass
   */
  HttpResponse<Void> get(URI address, long from, ByteSink sink) throws IOException {
    URI at = address;
    boolean trusted = true;
    for (int hop = 0; hop <= MOST_REDIRECTS; hop++) {
      trusted &= isHub(at);
      HttpRequest.Builder request = request(at, trusted).GET();
      if (from > 0) {
        request.setHeader("Range", "bytes=" + from + "-");
      }
      HttpResponse<Void> answer = send(request.build(), sink);
      if (!REDIRECTS.contains(answer.statusCode())) {
        return answer;
      }
      at = target(at, answer);
    }
    throw redirects(address);
  }

  /** Asks for the headers of a file on the hub itself, which tell more than those of its store. */
  HttpResponse<Void> head(URI address, ByteSink sink) throws IOException {
    URI at = address;
    for (int hop = 0; hop <= MOST_REDIRECTS; hop++) {
      HttpRequest.Builder request =
          request(at, true).method("HEAD", HttpRequest.BodyPublishers.noBody());
      HttpResponse<Void> answer = send(request.build(), sink);
      if (!REDIRECTS.contains(answer.statusCode())) {
        return answer;
      }
      URI next = target(at, answer);
      if (!isHub(next)) {
        return answer;
      }
      at = next;
    }
    throw redirects(address);
  }

  private HttpRequest.Builder request(URI address, boolean trusted) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(address)
            .setHeader("User-Agent", "lorascope/" + LorascopeVersion.get())
            .setHeader("Accept-Encoding", "identity");
    if (trusted) {
      token.ifPresent(secret -> request.setHeader("Authorization", "Bearer " + secret));
    }
    return request;
  }

  private static URI target(URI at, HttpResponse<?> answer) {
    String location = answer.headers().firstValue("Location").orElse("");
    URI next;
    try {
      next = at.resolve(location);
    } catch (IllegalArgumentException e) {
      throw new HubException(at + " redirects to something that is no address", e);
    }
    boolean web = next.getHost() != null && ("http".equals(next.getScheme()) || isEncrypted(next));
    if (location.isEmpty() || !web || (isEncrypted(at) && !isEncrypted(next))) {
      throw new HubException(
          at.getHost() + " redirects to an address that is not followed: '" + location + "'");
    }
    return next;
  }

  private static boolean isEncrypted(URI address) {
    return "https".equals(address.getScheme());
  }

  private static HubException redirects(URI address) {
    return new HubException(address + " redirects more than " + MOST_REDIRECTS + " times");
  }

  private HttpResponse<Void> send(HttpRequest request, ByteSink sink) throws IOException {
    AtomicLong received = new AtomicLong();
    CompletableFuture<HttpResponse<Void>> answer =
        client.sendAsync(request, info -> SinkSubscriber.of(info, sink, received));
    try {
      return await(answer, received, sink);
    } catch (InterruptedException e) {
      throw interrupted(e);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      while (cause instanceof CompletionException && cause.getCause() != null) {
        cause = cause.getCause();
      }
      if (cause instanceof HubException refused) {
        throw refused;
      }
      throw cause instanceof IOException failed ? failed : new IOException(cause);
    } finally {
      answer.cancel(true); // where it is not done, this closes the connection
    }
  }

  private HttpResponse<Void> await(
      CompletableFuture<HttpResponse<Void>> answer, AtomicLong received, ByteSink sink)
      throws InterruptedException, ExecutionException, IOException {
    long last = 0;
    long since = System.nanoTime();
    while (true) {
      try {
        return answer.get(TICK_MILLIS, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        sink.tick();
        if (received.get() != last) {
          last = received.get();
          since = System.nanoTime();
        } else if (System.nanoTime() - since > patience.toNanos()) {
          throw new HttpTimeoutException("nothing came for " + patience.toSeconds() + " s");
        }
      }
    }
  }

  static HubException interrupted(Exception e) {
    Thread.currentThread().interrupt();
    return new HubException("the download was interrupted; what has come is kept", e);
  }
}
