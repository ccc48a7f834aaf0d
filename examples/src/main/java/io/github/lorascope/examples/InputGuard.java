package io.github.lorascope.examples;

import io.github.lorascope.io.FileWriteException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Keeps a program from writing over a file that it reads. */
final class InputGuard {
  private InputGuard() {}

  /**
   * Checks where a program is to write.
   *
   * @param option what gave the path, for the message
   * @param out the path; null: none
   * @param inputs what the program reads; null: no file
   * @throws FileWriteException if it is one of them
   */
  static void check(String option, Path out, Path... inputs) {
    for (Path input : inputs) {
      if (out != null && input != null && same(out, input)) {
        throw new FileWriteException(
            option + " " + out + " is " + input + ", which is read; give another path", null);
      }
    }
  }

  private static boolean same(Path out, Path input) {
    try {
      return Files.exists(out) && Files.exists(input) && Files.isSameFile(out, input);
    } catch (IOException e) {
      return false; // reading or writing it will say why
    }
  }
}
