package io.github.lorascope.examples;

import io.github.lorascope.io.FileWriteException;
import io.github.lorascope.io.SameFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Keeps a program from writing over what it reads, and from working for what it cannot write. */
final class InputGuard {
  /** What is read of a model's or an adapter's folder. */
  private static final Pattern READ =
      Pattern.compile(
          ".*\\.safetensors(\\.index\\.json)?|(adapter_)?config\\.json|tokenizer(_config)?\\.json");

  private InputGuard() {}

  /**
   * Checks where a program is to write.
   *
   * @param option what gave the path, for the message
   * @param out the path; null: none
   * @param inputs what the program reads: files, and folders of models and adapters; null: nothing
   * @throws FileWriteException if it is one of them, or a folder
   */
  static void check(String option, Path out, Path... inputs) {
    if (out == null) {
      return;
    }
    if (Files.isDirectory(out)) {
      throw new FileWriteException(option + " " + out + " cannot be written: it is a folder", null);
    }
    for (Path input : inputs) {
      for (Path file : files(input)) {
        if (SameFile.at(out, file)) {
          throw new FileWriteException(
              option + " " + out + " is " + file + ", which is read; give another path", null);
        }
      }
    }
  }

  private static List<Path> files(Path input) {
    if (input == null || !Files.isDirectory(input)) {
      return input == null ? List.of() : List.of(input);
    }
    try (Stream<Path> files = Files.list(input)) {
      return files.filter(f -> READ.matcher(f.getFileName().toString()).matches()).toList();
    } catch (IOException e) {
      return List.of(); // reading it will say why
    }
  }
}
