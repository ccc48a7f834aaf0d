package io.github.lorascope.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EnvironmentProxiesTest {
  private static String chosen(String proxy, String excluded, String address) {
    ProxySelector selector =
        EnvironmentProxies.of(Optional.empty(), Optional.of(proxy), Optional.ofNullable(excluded))
            .orElseThrow();
    Proxy chosen = selector.select(URI.create(address)).get(0);
    return chosen.address() instanceof InetSocketAddress socket
        ? socket.getHostString() + ":" + socket.getPort()
        : "none";
  }

  @ParameterizedTest
  @CsvSource({
    "http://proxy:3128, proxy:3128",
    "HTTP://proxy.example.org:3128/, proxy.example.org:3128",
    "proxy:3128, proxy:3128",
    "http://proxy, proxy:80",
    "http://user:p@ss@proxy:3128, proxy:3128",
    "http://[::1]:3128, [::1]:3128"
  })
  void readsAnAddress(String value, String proxy) {
    assertEquals(proxy, chosen(value, null, "https://huggingface.co/a"));
  }

  @ParameterizedTest
  @CsvSource({
    "'', proxy:80",
    "huggingface.co, none",
    "HUGGINGFACE.CO, none",
    "'example.org, .huggingface.co', none",
    "*.huggingface.co, none",
    "*, none",
    "co, none",
    "gingface.co, proxy:80",
    "cdn.huggingface.co, proxy:80",
    "huggingface.co:443, none",
    "huggingface.co:80, proxy:80"
  })
  void leavesOutWhatNoProxyNames(String excluded, String proxy) {
    assertEquals(proxy, chosen("http://proxy", excluded, "https://huggingface.co/a"));
  }

  @Test
  void eachSchemeHasItsOwn() {
    assertEquals("none", chosen("http://proxy", null, "http://huggingface.co/a"));
    assertTrue(
        EnvironmentProxies.of(Optional.empty(), Optional.empty(), Optional.of("*")).isEmpty());
  }

  @Test
  void anEndpointOfHttpsDoesWithoutTheProxyOfHttp() {
    Map<String, String> variables = Map.of("HTTP_PROXY", "socks5://proxy:1");
    assertTrue(new HubEnvironment(variables).proxies().isEmpty());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "socks5://u:secret@proxy:1",
        "https://u:secret@proxy:1",
        "secret:70000",
        "secret/a"
      })
  void refusesWhatItCannotUseWithoutShowingIt(String value) {
    HubException e = assertThrows(HubException.class, () -> chosen(value, null, "https://a/b"));
    assertTrue(e.getMessage().startsWith("HTTPS_PROXY is no proxy"), e.getMessage());
    assertFalse(e.getMessage().contains("secret"), e.getMessage());
  }
}
