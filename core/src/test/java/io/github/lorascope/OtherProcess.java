package io.github.lorascope;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs a class in a Java process of its own, for what the system keeps by process. */
public final class OtherProcess {
  private static final String LOCK =
      """
      import java.nio.channels.FileChannel;
      import java.nio.file.Path;
      import java.nio.file.StandardOpenOption;

      class Probe {
        public static void main(String[] arguments) throws Exception {
          Path file = Path.of(arguments[0]);
          try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            System.exit(channel.tryLock() == null ? 3 : 0);
          }
        }
      }
      """;

  private OtherProcess() {}

  /**
   * What it came to.
   *
   * @param status the exit status
   * @param said what it wrote, errors included
   */
  public record Ended(int status, String said) {}

  /** Tells whether another process may not lock a file. */
  public static boolean isKeptFrom(Path file) throws IOException, InterruptedException {
    Ended ended = run(LOCK, List.of(), file.toString());
    if (ended.status() != 0 && ended.status() != 3) {
      throw new AssertionError(ended);
    }
    return ended.status() == 3;
  }

  /**
   * Runs a source file with a main method, with the classes of the tests at hand.
   *
   * @param source its text
   * @param options Java's
   * @param arguments the program's
   */
  public static Ended run(String source, List<String> options, String... arguments)
      throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("other-process");
    Path file = Files.writeString(folder.resolve("Probe.java"), source);
    Path log = folder.resolve("log");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), file.toString()));
    command.addAll(List.of(arguments));
    int status =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start()
            .waitFor();
    String said = Files.readString(log);
    Files.delete(log);
    Files.delete(file);
    Files.delete(folder);
    return new Ended(status, said);
  }
}
