package user;

import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.io.IOException;
import java.nio.file.Path;
import java.util.zip.ZipFile;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is published beside each jar. */
class ArtifactsTest {
  @ParameterizedTest
  @CsvSource({
    "core, io/github/lorascope/decoder/Decoder",
    "lora, io/github/lorascope/lora/LoraAdapter",
    "instrument, io/github/lorascope/tap/GradientTap",
    "probes, io/github/lorascope/probe/LinearProbe"
  })
  void sourcesAndJavadoc(String module, String type) throws IOException {
    String version = System.getProperty("lorascope.version");
    String name = "lorascope-" + module;
    Path folder =
        Path.of(System.getProperty("repository"), "io/github/lorascope", name, version);
    for (String[] file :
        new String[][] {{"sources", type + ".java"}, {"javadoc", type + ".html"}}) {
      Path jar = folder.resolve(name + "-" + version + "-" + file[0] + ".jar");
      try (ZipFile zip = new ZipFile(jar.toFile())) {
        assertNotNull(zip.getEntry(file[1]), file[1] + " in " + jar);
      }
    }
  }
}
