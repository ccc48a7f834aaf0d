package io.github.lorascope.hub;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Set;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HubProxyTest extends HubFixture {
  /** No name of the net ends so (RFC 6761); the hub of the test stands in for the proxy. */
  private static final String ELSEWHERE = "http://hub.invalid";

  @ParameterizedTest
  @ValueSource(strings = {"HTTP_PROXY", "http_proxy"})
  void theProxyOfTheEnvironmentIsAsked(String variable) throws IOException {
    assertWhole(cache("HF_ENDPOINT", ELSEWHERE, variable, hub.address()).locate(MODEL));
  }

  @Test
  void theLowerCaseGoesFirst() throws IOException {
    try (TestHub other = new TestHub(Set.of())) {
      HubCache cache =
          cache(
              "HF_ENDPOINT", ELSEWHERE, "http_proxy", hub.address(), "HTTP_PROXY", other.address());
      assertWhole(cache.locate(MODEL));
      assertEquals(List.of(), other.requests());
    }
  }

  @ParameterizedTest
  @CsvSource({"HTTP_PROXY, NO_PROXY", "http_proxy, no_proxy"})
  void whatNoProxyNamesIsAskedItself(String variable, String exception) throws IOException {
    try (TestHub proxy = new TestHub(Set.of())) {
      assertWhole(
          cache(variable, proxy.address(), exception, "example.org,localhost").locate(MODEL));
      assertEquals(List.of(), proxy.requests());
    }
  }

  @Test
  void aProxyThatWantsAPasswordIsNamed() {
    hub.listStatus = 407;
    assertNamed(cache("HF_ENDPOINT", ELSEWHERE, "HTTP_PROXY", hub.address()));
  }

  @Test
  void aTunnelThatWantsAPasswordIsNamed() throws Exception {
    try (ServerSocket proxy = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      FutureTask<Void> answer =
          new FutureTask<>(
              () -> {
                try (Socket socket = proxy.accept()) {
                  socket.getInputStream().read(new byte[4096]);
                  String refusal =
                      String.join(
                          "\r\n",
                          "HTTP/1.1 407 Proxy Authentication Required",
                          "Proxy-Authenticate: Basic realm=\"x\"",
                          "Content-Length: 0",
                          "",
                          "");
                  socket.getOutputStream().write(refusal.getBytes(US_ASCII));
                }
                return null;
              });
      new Thread(answer).start();
      String address = "http://localhost:" + proxy.getLocalPort();
      assertNamed(cache("HF_ENDPOINT", "https://hub.invalid", "HTTPS_PROXY", address));
      answer.get();
    }
  }

  private static void assertNamed(HubCache cache) {
    HubException e = assertThrows(HubException.class, () -> cache.locate(MODEL));
    assertTrue(e.getMessage().contains("the proxy between asks for"), e.getMessage());
  }

  @Test
  void aProxyThatCannotBeUsedIsNoFaultOfWhatIsThere() throws IOException {
    cache().locate(MODEL);
    HubCache cache = cache("HTTP_PROXY", "socks5://proxy:1080");
    assertWhole(cache.locate(MODEL));
    assertEquals(folder, cache.locate(folder.toString()));
    HubException e = assertThrows(HubException.class, () -> cache.locate("org/other"));
    assertTrue(e.getMessage().contains("HTTP_PROXY is no proxy"), e.getMessage());
  }
}
