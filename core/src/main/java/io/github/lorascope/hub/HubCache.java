package io.github.lorascope.hub;

import io.github.lorascope.LorascopeException;
import io.github.lorascope.io.Terminal;
import java.net.ProxySelector;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Hugging Face cache of this machine, shared with Python's huggingface_hub: a file that either
 * has fetched whole the other finds, and neither goes on with what the other has in part. A model's
 * configuration, tokenizer and safetensors are fetched, and each file is checked by size and hash
 * before it bears its name; what a cut connection or an end of the process left is gone on with.
 * Thread-safe, and safe beside other processes: those that do this here fetch a file one after the
 * other, and Python's, which may fetch it at the same time, write elsewhere.
 *
 * <pre>{@code
 * Path folder = HubCache.standard().locate("Qwen/Qwen2.5-0.5B-Instruct");
 * }</pre>
 *
 * <p>{@link #standard} heeds the environment variables {@code HF_HOME}, {@code HF_HUB_CACHE},
 * {@code HF_ENDPOINT}, {@code HF_TOKEN}, {@code HF_TOKEN_PATH}, {@code HF_HUB_OFFLINE}, {@code
 * HF_HUB_DISABLE_IMPLICIT_TOKEN}, {@code HF_HUB_DISABLE_SYMLINKS} and {@code
 * HF_HUB_DISABLE_PROGRESS_BARS} as huggingface_hub does, and {@code HTTPS_PROXY}, {@code
 * HTTP_PROXY} and {@code NO_PROXY} unless Java's properties name a proxy. The token goes to the
 * endpoint's own host alone.
 */
public final class HubCache {
  private static final Logger log = LoggerFactory.getLogger(HubCache.class);
  private static final Pattern TOKEN = Pattern.compile("[\\x21-\\x7e]+");

  private final Path folder;
  private final URI endpoint;
  private final Optional<String> token;
  private final boolean offline;
  private final boolean symbolicLinks;
  private final DownloadListener listener;
  private final Supplier<Optional<ProxySelector>> proxies;
  private final BlobLock.SystemLock systemLock;
  private final Duration pause;
  private final Duration patience;

  private HubCache(Builder builder) {
    HubEnvironment environment = new HubEnvironment(builder.variables);
    folder = orElse(builder.folder, environment::cache);
    endpoint = endpoint(orElse(builder.endpoint, environment::endpoint));
    token = builder.token == null ? environment.token() : Optional.of(builder.token);
    offline = orElse(builder.offline, environment::isOffline);
    symbolicLinks = environment.hasSymbolicLinks();
    listener = orElse(builder.listener, () -> bar(environment));
    proxies = environment::proxies;
    systemLock = builder.systemLock;
    pause = builder.pause;
    patience = builder.patience;
    if (token.filter(TOKEN.asMatchPredicate().negate()).isPresent()) {
      throw new HubException(
          "The token for "
              + endpoint
              + " holds spaces or characters that no token has; set HF_TOKEN"
              + " again");
    }
  }

  private static <T> T orElse(T given, Supplier<T> other) {
    return given == null ? other.get() : given;
  }

  private static DownloadListener bar(HubEnvironment environment) {
    return environment.showsProgress()
        ? new DownloadBar(System.err, Terminal.isAttached(), System::nanoTime)
        : DownloadListener.NONE;
  }

  private static URI endpoint(String text) {
    String address = text.replaceAll("/+$", "");
    if (!address.matches("(?i)https?://[^/?#@]+(/[^?#]*)?")) {
      throw new HubException(
          "'" + text + "' is no address of a hub; set HF_ENDPOINT to one like https://host");
    }
    try {
      URI endpoint = new URI(address);
      Objects.requireNonNull(endpoint.getHost(), "host");
      return endpoint;
    } catch (URISyntaxException | NullPointerException e) {
      throw new HubException(
          "'" + text + "' is no address of a hub; set HF_ENDPOINT to one like https://host", e);
    }
  }

  /**
   * Returns the cache that the environment variables tell of.
   *
   * @return the cache
   * @throws HubException if a variable makes no sense
   */
  public static HubCache standard() {
    return builder().build();
  }

  /**
   * Begins with what the environment variables say.
   *
   * @return the builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Finds a model: a file or folder of that name if there is one, else a model of the cache, which
   * is fetched if it is not there or its branch has moved on. With the commit in place of a branch,
   * without a hub at hand, and where what the hub has beyond it cannot be fetched or written, what
   * is there is taken if it is whole.
   *
   * @param model a path, or {@code org/name}, with {@code @} and a branch, tag or commit behind it
   *     for another revision than {@code main}
   * @return the path as it was given, or the folder of a snapshot in the cache
   * @throws HubException if there is no such model, it cannot be fetched, or what came is not what
   *     the hub lists
   * @throws io.github.lorascope.io.FileWriteException if the disk has no room for it
   */
  public Path locate(String model) {
    Optional<Path> local = local(model);
    if (local.isPresent()) {
      return local.get();
    }
    HubName name = HubName.parse(model);
    RepoFolder repository = new RepoFolder(folder, name, systemLock);
    Optional<Path> cached = repository.commit(name).map(repository::snapshot);
    boolean whole = isWhole(cached);
    if (offline) {
      return cached.filter(path -> whole).orElseThrow(() -> absent(name, repository, cached));
    }
    if (whole && name.isPinned() && Files.exists(cached.get().resolve(NeededFiles.TOKENIZER))) {
      return cached.get();
    }
    try {
      HubClient client = new HubClient(endpoint, token, proxies.get(), patience);
      HubServer server = new HubServer(client, name, pause);
      return new Fetch(name, repository, server, listener, symbolicLinks).run(server.list(!whole));
    } catch (LorascopeException e) {
      if (isWhole(cached) && !Thread.currentThread().isInterrupted()) {
        log.warn("taking {} as it is in the cache: {}", name, e.getMessage());
        return cached.get();
      }
      throw e;
    }
  }

  private static boolean isWhole(Optional<Path> snapshot) {
    return snapshot.isPresent() && NeededFiles.missing(snapshot.get()).isEmpty();
  }

  private static Optional<Path> local(String model) {
    try {
      return Optional.of(Path.of(model)).filter(path -> !model.isEmpty() && Files.exists(path));
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }

  private LorascopeException absent(HubName name, RepoFolder repository, Optional<Path> cached) {
    List<String> missing = cached.map(NeededFiles::missing).orElse(List.of());
    String found =
        cached.isEmpty()
            ? "there is no " + repository.ref(name)
            : cached.get() + " lacks " + String.join(", ", missing);
    return new HubException(
        name
            + " is neither a file or folder here nor whole in the Hugging Face cache ("
            + found
            + "), and HF_HUB_OFFLINE keeps from asking "
            + endpoint
            + "; load it once without, or set HF_HOME or HF_HUB_CACHE to a cache that has it");
  }

  /** Gathers settings; what is not set is as the environment variables say. */
  public static final class Builder {
    private Map<String, String> variables = System.getenv();
    private Path folder;
    private String endpoint;
    private String token;
    private Boolean offline;
    private DownloadListener listener;
    private BlobLock.SystemLock systemLock = FileChannel::tryLock;
    private Duration pause = Duration.ofSeconds(1);
    private Duration patience = Duration.ofSeconds(30);

    private Builder() {}

    /**
     * Sets the environment variables to heed in place of the process's.
     *
     * @param values by name
     * @return this
     */
    public Builder environment(Map<String, String> values) {
      variables = Map.copyOf(values);
      return this;
    }

    /**
     * Sets the cache's folder.
     *
     * @param path what {@code HF_HUB_CACHE} names otherwise
     * @return this
     */
    public Builder folder(Path path) {
      folder = path;
      return this;
    }

    /**
     * Sets the hub.
     *
     * @param address http or https, host, and a path if it has one
     * @return this
     */
    public Builder endpoint(String address) {
      endpoint = address;
      return this;
    }

    /**
     * Sets the token for private and gated models.
     *
     * @param secret what {@code HF_TOKEN} or the file of huggingface_hub's login holds otherwise
     * @return this
     */
    public Builder token(String secret) {
      token = secret;
      return this;
    }

    /**
     * Sets whether only the cache is looked into.
     *
     * @param only whether no request is sent
     * @return this
     */
    public Builder offline(boolean only) {
      offline = only;
      return this;
    }

    /**
     * Sets who watches downloads, in place of a bar on standard error.
     *
     * @param watcher the listener
     * @return this
     */
    public Builder listen(DownloadListener watcher) {
      listener = watcher;
      return this;
    }

    Builder systemLock(BlobLock.SystemLock other) {
      systemLock = other;
      return this;
    }

    Builder pause(Duration first) {
      pause = first;
      return this;
    }

    Builder patience(Duration longest) {
      patience = longest;
      return this;
    }

    /**
     * Makes the cache; nothing is read or asked yet, but for a stored token.
     *
     * @return the cache
     * @throws HubException if a setting makes no sense
     */
    public HubCache build() {
      return new HubCache(this);
    }
  }
}
