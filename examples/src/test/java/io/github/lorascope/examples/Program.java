package io.github.lorascope.examples;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** An example run as a process of its own, as a user starts it. */
final class Program {
  private Program() {}

  /** How a process ended. */
  record Result(int status, String out, String err) {
    String lastLine() {
      List<String> lines = out.lines().toList();
      return lines.get(lines.size() - 1);
    }
  }

  static Process start(Path log, Class<?> main, List<String> arguments) throws IOException {
    return start(log, classPath(), List.of(), main, arguments);
  }

  private static String classPath() {
    return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
  }

  private static Process start(
      Path log, String classPath, List<String> java, Class<?> main, List<String> arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx1g");
    command.add("-XX:TieredStopAtLevel=1");
    command.add("-Dorg.slf4j.simpleLogger.log.io.github.lorascope=warn");
    command.addAll(java);
    command.add("-cp");
    command.add(classPath);
    command.add(main.getName());
    command.addAll(arguments);
    return new ProcessBuilder(command)
        .redirectOutput(Path.of(log + ".out").toFile())
        .redirectError(Path.of(log + ".err").toFile())
        .start();
  }

  static Result run(Path log, Class<?> main, List<String> arguments) {
    return run(log, classPath(), List.of(), main, arguments);
  }

  /** Runs it with a further option of Java. */
  static Result runWith(String option, Path log, Class<?> main, List<String> arguments) {
    return run(log, classPath(), List.of(option), main, arguments);
  }

  /** Runs it without the jars whose names match. */
  static Result runWithout(Pattern jars, Path log, Class<?> main, List<String> arguments) {
    String classPath =
        Arrays.stream(classPath().split(File.pathSeparator))
            .filter(p -> !jars.matcher(Path.of(p).getFileName().toString()).matches())
            .collect(Collectors.joining(File.pathSeparator));
    return run(log, classPath, List.of(), main, arguments);
  }

  private static Result run(
      Path log, String classPath, List<String> java, Class<?> main, List<String> arguments) {
    try {
      Process process = start(log, classPath, java, main, arguments);
      assertTrue(process.waitFor(120, TimeUnit.SECONDS), "it does not end");
      return new Result(
          process.exitValue(),
          Files.readString(Path.of(log + ".out"), StandardCharsets.UTF_8),
          Files.readString(Path.of(log + ".err"), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
