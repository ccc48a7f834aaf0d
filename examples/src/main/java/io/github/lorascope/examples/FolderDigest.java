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

/** Identifies a model or an adapter by the file or files that make it. */
final class FolderDigest {
  private FolderDigest() {}

  /**
   * Hashes weights, configuration and tokenizer.
   *
   * @param name what it is, to stand before the names of its files
   * @param path a folder, or a file that holds everything
   */
  static Map<String, String> of(String name, Path path) {
    Map<String, String> hashes = new TreeMap<>();
    for (Path file : Files.isRegularFile(path) ? List.of(path) : files(path)) {
      hashes.put(name + "/" + file.getFileName(), FileDigest.sha256(file));
    }
    return hashes;
  }

  private static List<Path> files(Path folder) {
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(FolderDigest::matters).toList();
    } catch (IOException e) {
      throw new FileReadException("cannot read the folder " + folder + ": " + e, e);
    }
  }

  private static boolean matters(Path file) {
    String name = file.getFileName().toString();
    return name.endsWith(".safetensors") || name.endsWith(".json");
  }
}
