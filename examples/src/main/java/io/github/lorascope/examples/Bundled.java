package io.github.lorascope.examples;

import io.github.lorascope.LorascopeException;
import io.github.lorascope.io.Folders;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.stream.Stream;

/** What comes with the examples, as files: a small base model, triples, and a shape. */
final class Bundled {
  private Bundled() {}

  /** The base model: a cut of SmolLM2-135M-Instruct in 4 bits. */
  static Path model() {
    return folder("/models/smollm2-cut");
  }

  /** The configuration of Phi-3 Mini 4k, without weights. */
  static Path phi3Mini() {
    return folder("/shapes").resolve("phi3-mini-4k.json");
  }

  /** Triples for training, from OpenStax textbooks. */
  static Path trainTriples() {
    return folder("/data/openstax").resolve("triples.train.tsv.gz");
  }

  /** Triples for evaluation, from other sections of the same books. */
  static Path devTriples() {
    return folder("/data/openstax").resolve("triples.dev.tsv.gz");
  }

  /**
   * A resource folder as it lies on disk; out of a jar it is copied, since weights are mapped into
   * memory.
   */
  private static Path folder(String name) {
    URL url = Bundled.class.getResource(name);
    if (url == null) {
      throw new LorascopeException("the resource folder " + name + " is not on the class path");
    }
    try {
      URI uri = url.toURI();
      return uri.getScheme().equals("file") ? Path.of(uri) : copied(uri, name);
    } catch (URISyntaxException | IOException e) {
      throw new LorascopeException(
          "cannot read the resource folder " + url + ": " + e.getMessage(), e);
    }
  }

  private static Path copied(URI uri, String name) throws IOException {
    Path target = Files.createTempDirectory("lorascope").resolve(name.substring(1));
    Folders.create(target);
    try (FileSystem jar = FileSystems.newFileSystem(uri, Map.of());
        Stream<Path> files = Files.list(jar.getPath(name))) {
      for (Path file : files.toList()) {
        Path copy = target.resolve(file.getFileName().toString());
        try (InputStream in = Files.newInputStream(file)) {
          Files.copy(in, copy, StandardCopyOption.REPLACE_EXISTING);
        }
        copy.toFile().deleteOnExit();
      }
    }
    return target;
  }
}
