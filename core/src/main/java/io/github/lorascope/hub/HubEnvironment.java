package io.github.lorascope.hub;

import java.io.IOException;
import java.net.ProxySelector;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What environment variables say, by the rules of huggingface_hub's constants.py. It has no text
 * form of its own, for the variables hold a secret.
 */
final class HubEnvironment {
  private static final String DEFAULT_ENDPOINT = "https://huggingface.co";
  private static final Set<String> TRUE = Set.of("1", "ON", "YES", "TRUE");
  private static final List<String> JAVA_PROXIES =
      List.of("http.proxyHost", "https.proxyHost", "java.net.useSystemProxies");
  private static final Pattern VARIABLE = Pattern.compile("\\$(?:(\\w+)|\\{(\\w+)})");

  private final Map<String, String> variables;

  HubEnvironment(Map<String, String> variables) {
    this.variables = Map.copyOf(variables);
  }

  Path cache() {
    return path("HF_HUB_CACHE")
        .or(() -> path("HUGGINGFACE_HUB_CACHE"))
        .orElseGet(() -> home().resolve("hub"));
  }

  private Path home() {
    return path("HF_HOME")
        .or(() -> path("XDG_CACHE_HOME").map(cache -> cache.resolve("huggingface")))
        .orElseGet(() -> Path.of(user(), ".cache", "huggingface"));
  }

  String endpoint() {
    return variable("HF_ENDPOINT").orElse(DEFAULT_ENDPOINT);
  }

  boolean isOffline() {
    return isTrue(
        variable("HF_HUB_OFFLINE").isPresent() ? "HF_HUB_OFFLINE" : "TRANSFORMERS_OFFLINE");
  }

  boolean hasSymbolicLinks() {
    return !isTrue("HF_HUB_DISABLE_SYMLINKS");
  }

  boolean showsProgress() {
    return !isTrue("HF_HUB_DISABLE_PROGRESS_BARS");
  }

  Optional<String> token() {
    if (isTrue("HF_HUB_DISABLE_IMPLICIT_TOKEN")) {
      return Optional.empty();
    }
    return variable("HF_TOKEN")
        .or(() -> variable("HUGGING_FACE_HUB_TOKEN"))
        .or(this::storedToken)
        .map(String::strip)
        .filter(token -> !token.isEmpty());
  }

  private Optional<String> storedToken() {
    Path file = path("HF_TOKEN_PATH").orElseGet(() -> home().resolve("token"));
    try {
      return Optional.of(Files.readString(file));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new HubException(
          "Cannot read the token in " + file + "; set HF_TOKEN, or HF_TOKEN_PATH to another file",
          e);
    }
  }

  /**
   * The proxies that the variables name, as other programs read them; empty where Java's own
   * properties, which go first, tell of some, or the variables name none.
   *
   * @throws HubException if one cannot be used
   */
  Optional<ProxySelector> proxies() {
    return JAVA_PROXIES.stream().anyMatch(name -> System.getProperty(name) != null)
        ? Optional.empty()
        : EnvironmentProxies.of(
            // an endpoint of https sends nowhere without
            endpoint().toLowerCase(Locale.ROOT).startsWith("https:")
                ? Optional.empty()
                : eitherCase("http_proxy"),
            eitherCase("https_proxy"),
            eitherCase("no_proxy"));
  }

  private Optional<String> eitherCase(String name) {
    return variable(name).or(() -> variable(name.toUpperCase(Locale.ROOT))).map(String::strip);
  }

  private boolean isTrue(String name) {
    return variable(name)
        .map(value -> value.toUpperCase(Locale.ROOT))
        .filter(TRUE::contains)
        .isPresent();
  }

  private Optional<String> variable(String name) {
    return Optional.ofNullable(variables.get(name)).filter(value -> !value.isBlank());
  }

  private Optional<Path> path(String name) {
    return variable(name).map(this::expanded).map(Path::of);
  }

  /** Replaces a leading {@code ~} and variables that are set, as a shell does. */
  private String expanded(String value) {
    boolean ofUser = value.equals("~") || value.startsWith("~/") || value.startsWith("~\\");
    String text = ofUser ? user() + value.substring(1) : value;
    return VARIABLE
        .matcher(text)
        .replaceAll(
            found -> {
              String name = found.group(1) == null ? found.group(2) : found.group(1);
              return Matcher.quoteReplacement(variables.getOrDefault(name, found.group()));
            });
  }

  private String user() {
    return variable("HOME").orElseGet(() -> System.getProperty("user.home"));
  }
}
