package io.github.lorascope.examples;

import io.github.lorascope.Prerequisite;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A Python 3 on the path. */
final class RequiresPython extends Prerequisite {
  private static final String PYTHON = "python3";

  @Override
  protected String obstacle() {
    try {
      return parse("-", "pass\n").isEmpty() ? null : PYTHON + " does not work";
    } catch (IOException e) {
      return "there is no " + PYTHON + ": install Python 3";
    }
  }

  /** Parses a program without running it, and returns what is wrong with it. */
  static String parse(String place, String program) throws IOException {
    Process python =
        new ProcessBuilder(List.of(PYTHON, "-c", "import ast, sys; ast.parse(sys.stdin.read())"))
            .redirectErrorStream(true)
            .start();
    try {
      python.getOutputStream().write(program.getBytes(StandardCharsets.UTF_8));
      python.getOutputStream().close();
      String said = new String(python.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!python.waitFor(60, TimeUnit.SECONDS)) {
        python.destroyForcibly();
        return place + ": Python does not end";
      }
      return python.exitValue() == 0 ? "" : said + "in " + place;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
