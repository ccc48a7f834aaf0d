package io.github.lorascope.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.xml.sax.SAXException;

/** Dependencies that are written of are XML, and have the versions that the build has. */
class WrittenDependenciesTest {
  private static final Pattern COORDINATES =
      Pattern.compile("`([a-z][\\w-]*(?:\\.[\\w-]+)+):([a-z][\\w.-]*):(\\d[\\w.-]*)`");

  private static final Map<String, String> VERSIONS = new HashMap<>();
  private static String ownVersion;

  @BeforeAll
  static void readVersions() throws IOException, SAXException {
    ownVersion = Pom.of("").version();
    for (String module : List.of("", "core/bom")) {
      Pom.of(module).withVersion().forEach(d -> VERSIONS.put(d.artifact(), d.version()));
    }
  }

  @Test
  void areThoseOfTheBuild() throws IOException {
    List<String> wrong = new ArrayList<>();
    int blocks = 0;
    for (Markdown page : Markdown.pages()) {
      for (Markdown.Part block : page.blocks("xml")) {
        blocks++;
        wrong(block.content()).forEach(what -> wrong.add(block.place() + ": " + what));
      }
      for (Markdown.Part line : page.lines()) {
        wrongCoordinates(line.content()).forEach(what -> wrong.add(line.place() + ": " + what));
      }
    }
    assertEquals(List.of(), wrong);
    assertFalse(blocks < 3, blocks + " blocks were found");
  }

  /** Gradle, and Maven on another platform, bring none of them. */
  @Test
  void nativeLibrariesAreNamedWhereThePlatformsAre() throws IOException, SAXException {
    String readme = Files.readString(SourceTree.root().resolve("README.md"));
    int start = readme.indexOf("\n## Platforms\n");
    String platforms = readme.substring(start, readme.indexOf("\n## ", start + 1));
    Set<String> natives = new TreeSet<>();
    Set<String> managed = new HashSet<>();
    for (String module : List.of("", "core", "lora", "instrument", "probes", "core/bom")) {
      for (Pom.Dependency dependency : Pom.of(module).dependencies()) {
        if (dependency.classifier() != null) {
          natives.add(dependency.artifact());
        }
        if (dependency.classifier() != null && module.equals("core/bom")) {
          managed.add(dependency.artifact());
        }
      }
    }
    assertTrue(natives.containsAll(Set.of("cuda", "javacpp", "nd4j-native")), natives.toString());
    assertEquals(natives, new TreeSet<>(managed), "have versions in the BOM");
    natives.removeIf(name -> platforms.matches("(?s).*[`:]" + name + "`.*"));
    assertEquals(Set.of(), natives, "are not in the README");
  }

  @Test
  void wrongOnesAreFound() {
    String block =
        """
        <dependency>
          <groupId>org.apache.lucene</groupId>
          <artifactId>%s</artifactId>
          <version>%s</version>
        </dependency>
        """;
    String lucene = VERSIONS.get("lucene-core");
    assertEquals(List.of(), wrong(block.formatted("lucene-core", lucene)));
    assertEquals(
        List.of("lucene-core is 1.0 here and " + lucene + " in the build"),
        wrong(block.formatted("lucene-core", "1.0")));
    assertEquals(
        List.of("lucene-cor is not in the build"), wrong(block.formatted("lucene-cor", "1.0")));
    assertEquals(1, wrong("<dependency>").size(), "no XML");
    assertEquals(
        List.of("onnxruntime is 1.0 here and " + VERSIONS.get("onnxruntime") + " in the build"),
        wrongCoordinates("`com.microsoft.onnxruntime:onnxruntime:1.0`"));
  }

  private static List<String> wrong(String block) {
    List<String> wrong = new ArrayList<>();
    try {
      for (Pom.Dependency dependency : Pom.dependencies(block)) {
        String version = dependency.version();
        if (version != null && !version.startsWith("${")) {
          check(dependency, wrong);
        }
      }
    } catch (SAXException e) {
      wrong.add("no XML: " + e.getMessage());
    }
    return wrong;
  }

  private static List<String> wrongCoordinates(String line) {
    List<String> wrong = new ArrayList<>();
    COORDINATES
        .matcher(line)
        .results()
        .forEach(
            found ->
                check(
                    new Pom.Dependency(found.group(1), found.group(2), found.group(3), null),
                    wrong));
    return wrong;
  }

  private static void check(Pom.Dependency written, List<String> wrong) {
    String artifact = written.artifact();
    String expected =
        "io.github.lorascope".equals(written.group()) ? ownVersion : VERSIONS.get(artifact);
    if (expected == null) {
      wrong.add(artifact + " is not in the build");
    } else if (!expected.equals(written.version())) {
      wrong.add(artifact + " is " + written.version() + " here and " + expected + " in the build");
    }
  }
}
