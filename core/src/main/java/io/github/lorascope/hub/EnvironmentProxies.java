package io.github.lorascope.hub;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The proxies of HTTP_PROXY, HTTPS_PROXY and NO_PROXY. */
final class EnvironmentProxies extends ProxySelector {
  private static final int DEFAULT_PORT = 80;
  private static final int LARGEST_PORT = 65_535;

  /** A name and a password before the host are passed over: nothing could send them. */
  private static final Pattern PROXY =
      Pattern.compile(
          "(?:(?i:http)://)?(?:[^/]*@)?(\\[[\\p{XDigit}:.]+]|[\\w.-]+)(?::(\\d{1,5}))?/?");

  private final Map<String, InetSocketAddress> byScheme;
  private final List<String> excluded;

  private EnvironmentProxies(Map<String, InetSocketAddress> byScheme, List<String> excluded) {
    this.byScheme = byScheme;
    this.excluded = excluded;
  }

  /** Reads the variables' values; empty if there is no proxy. */
  static Optional<ProxySelector> of(
      Optional<String> http, Optional<String> https, Optional<String> excluded) {
    Map<String, InetSocketAddress> byScheme = new HashMap<>();
    http.ifPresent(value -> byScheme.put("http", address("HTTP_PROXY", value)));
    https.ifPresent(value -> byScheme.put("https", address("HTTPS_PROXY", value)));
    return byScheme.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new EnvironmentProxies(
                byScheme, List.of(excluded.orElse("").toLowerCase(Locale.ROOT).split("[,\\s]+"))));
  }

  /** The value is not shown where it is wrong, for it may hold a password. */
  private static InetSocketAddress address(String variable, String value) {
    Matcher matcher = PROXY.matcher(value);
    if (matcher.matches()) {
      String digits = matcher.group(2);
      int port = digits == null ? DEFAULT_PORT : Integer.parseInt(digits);
      if (port <= LARGEST_PORT) {
        return InetSocketAddress.createUnresolved(matcher.group(1), port);
      }
    }
    throw new HubException(
        variable
            + " is no proxy that can be used: set it to one like http://host:port, or unset it");
  }

  @Override
  public List<Proxy> select(URI address) {
    InetSocketAddress proxy = byScheme.get(address.getScheme().toLowerCase(Locale.ROOT));
    return List.of(
        proxy == null || isExcluded(address) ? Proxy.NO_PROXY : new Proxy(Proxy.Type.HTTP, proxy));
  }

  /** By the host, a domain that it is in, either with a port, or {@code *}. */
  private boolean isExcluded(URI address) {
    String host = address.getHost().toLowerCase(Locale.ROOT);
    String withPort = host + ":" + HubClient.port(address);
    for (String entry : excluded) {
      String domain = entry.replaceFirst("^\\*?\\.", "");
      if (entry.equals("*") || isIn(host, domain) || isIn(withPort, domain)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isIn(String host, String domain) {
    return !domain.isEmpty() && (host.equals(domain) || host.endsWith("." + domain));
  }

  /** The request itself fails, which says more. */
  @Override
  public void connectFailed(URI address, SocketAddress proxy, IOException failure) {}
}
