package io.github.lorascope.backend.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * What g++ makes for the tests of all modules: built once, and again when what it is made of has
 * changed.
 */
final class NativeBuild {
  private NativeBuild() {}

  /** Builds in a folder that holds the sources. */
  @FunctionalInterface
  interface Steps {
    /** Builds. */
    void in(Path folder) throws IOException;
  }

  /**
   * Returns the folder of a build.
   *
   * @param name what is built
   * @param sources texts by the names of their files
   * @param settings what else it depends on
   * @param steps how it is built
   */
  static Path folder(String name, Map<String, String> sources, List<?> settings, Steps steps)
      throws IOException {
    Path target = Path.of(System.getProperty("golden.dir"), "../../../../target").normalize();
    Path all = target.resolve(name).toAbsolutePath();
    Path folder = all.resolve(Integer.toHexString(Objects.hash(sources, settings)));
    if (!Files.exists(folder)) {
      Files.createDirectories(all);
      Path building = Files.createTempDirectory(all, "building");
      for (Map.Entry<String, String> source : sources.entrySet()) {
        Files.writeString(building.resolve(source.getKey()), source.getValue());
      }
      steps.in(building);
      try {
        Files.move(building, folder, StandardCopyOption.ATOMIC_MOVE);
      } catch (FileSystemException e) {
        if (!Files.exists(folder)) {
          throw e;
        } // another module's tests were first
      }
    }
    return folder;
  }

  static String resource(String name) throws IOException {
    try (InputStream in = NativeBuild.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** Starts the compiler. */
  static Process compiler(Path folder, List<String> arguments) throws IOException {
    List<String> command = Stream.concat(Stream.of("g++"), arguments.stream()).toList();
    return new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
  }

  /** Waits for a compiler and returns what it said. */
  static String said(Process compiler) throws IOException {
    try (InputStream out = compiler.getInputStream()) {
      String said = new String(out.readAllBytes(), StandardCharsets.UTF_8);
      if (compiler.waitFor() != 0) {
        throw new IllegalStateException("g++ refused:\n" + said);
      }
      return said;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while compiling", e);
    }
  }
}
