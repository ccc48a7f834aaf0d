package io.github.lorascope.tokenizer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Lays a reference tokenizer into a folder as a model has it. */
public final class GoldenTokenizers {
  private GoldenTokenizers() {}

  static Path file(String name) {
    String golden = System.getProperty("golden.dir", "../core/src/test/resources/golden");
    return Path.of(golden, "tokenizers", name + ".json");
  }

  public static Tokenizer load(String name, Path folder) throws IOException {
    Files.copy(file(name), folder.resolve("tokenizer.json"));
    return Tokenizer.load(folder);
  }
}
