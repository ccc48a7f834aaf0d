package io.github.lorascope.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.bytedeco.javacpp.Loader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a platform that no native library was brought for. */
class WithoutNativesTest {
  private static final Pattern NATIVES = Pattern.compile("(javacpp|opencl|dnnl|cuda)-.*-[a-z]+-.*");

  @TempDir Path folder;

  private Program.Result parity(String... options) {
    List<String> arguments = new ArrayList<>(List.of(options));
    arguments.add(Folders.golden("llama-gqa").toString());
    return Program.runWithout(NATIVES, folder.resolve("log"), ParityCheck.class, arguments);
  }

  @Test
  void referenceRuns() {
    Program.Result result = parity();
    assertEquals(0, result.status(), result.err());
    assertEquals(1, result.out().lines().filter(l -> l.contains(" on reference, ")).count());
    assertEquals("all within bounds", result.lastLine());
  }

  @Test
  void tellsWhatToAdd() {
    Program.Result result = parity("--backend", "onednn");
    assertEquals(1, result.status(), result.err());
    assertEquals(1, result.err().lines().count(), result.err());
    assertTrue(
        result
            .err()
            .contains(
                "put javacpp, opencl and dnnl of org.bytedeco, in the versions of the jars without"
                    + " classifier, with the classifier "
                    + Loader.getPlatform()),
        result.err());
  }
}
