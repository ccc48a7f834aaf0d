package io.github.lorascope.examples;

import io.github.lorascope.io.FileDigest;
import io.github.lorascope.io.FileReadException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Identifies a model or an adapter by the files that make it. */
final class FolderDigest {
  private FolderDigest() {}

  /**
   * Hashes weights, configuration and tokenizer.
   *
   * @param name what the folder is, to stand before the names of its files
   */
  static Map<String, String> of(String name, Path folder) {
    Map<String, String> hashes = new TreeMap<>();
    List<Path> files;
    try (Stream<Path> all = Files.list(folder)) {
      files = all.filter(FolderDigest::matters).toList();
    } catch (IOException e) {
      throw new FileReadException("cannot read the folder " + folder + ": " + e, e);
    }
    for (Path file : files) {
      hashes.put(name + "/" + file.getFileName(), FileDigest.sha256(file));
    }
    return hashes;
  }

  private static boolean matters(Path file) {
    String name = file.getFileName().toString();
    return name.endsWith(".safetensors") || name.endsWith(".json");
  }
}
