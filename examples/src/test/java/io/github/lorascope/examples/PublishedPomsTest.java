package io.github.lorascope.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.xml.sax.SAXException;

/** What is published for others to depend on. */
class PublishedPomsTest {
  private static final Set<String> MODULES = Set.of("core", "lora", "instrument", "probes");

  /** An artifact that the list of versions has and the build does not, and its other half. */
  private static final Map<String, String> BESIDE =
      Map.of("onnxruntime_gpu", "onnxruntime", "cuda-redist-cublas", "cuda-redist");

  @Test
  void versionsOfTheBomAreThoseOfTheBuild() throws IOException, SAXException {
    Pom build = Pom.of("");
    Map<String, String> versions = new HashMap<>();
    build.withVersion().forEach(d -> versions.put(d.artifact(), d.version()));
    Pom bom = Pom.of("core/bom");
    assertEquals(build.version(), bom.version());
    for (Pom.Dependency listed : bom.dependencies()) {
      String expected =
          listed.artifact().startsWith("lorascope-")
              ? build.version()
              : versions.get(BESIDE.getOrDefault(listed.artifact(), listed.artifact()));
      assertEquals(expected, listed.version(), listed.artifact());
    }
    assertEquals(
        MODULES.stream().map(m -> "lorascope-" + m).collect(Collectors.toSet()),
        bom.dependencies().stream()
            .map(Pom.Dependency::artifact)
            .filter(a -> a.startsWith("lorascope-"))
            .collect(Collectors.toSet()));
    assertTrue(bom.dependencies().size() > MODULES.size(), "libraries that users add");
  }

  /** Such an artifact depends on the native libraries of all platforms. */
  @Test
  void noArtifactOfAllPlatforms() throws IOException, SAXException {
    for (String module : MODULES) {
      List<Pom.Dependency> dependencies = Pom.of(module).dependencies();
      assertTrue(dependencies.size() > 2, module + " has " + dependencies);
      assertEquals(
          List.of(),
          dependencies.stream()
              .map(Pom.Dependency::artifact)
              .filter(a -> a.endsWith("-platform"))
              .toList(),
          module);
    }
  }
}
