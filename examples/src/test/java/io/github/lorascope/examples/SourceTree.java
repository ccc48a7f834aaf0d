package io.github.lorascope.examples;

import com.tngtech.archunit.core.domain.JavaClass;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Where the sources of the modules lie, and which module a class was compiled in. */
final class SourceTree {
  /** A folder of a build, as in core/target/classes, or a file, as in lorascope-core-1.0.jar. */
  private static final Pattern MODULE =
      Pattern.compile(".*(?:/([a-z]+)/target/|/lorascope-([a-z]+)-[^/]*\\.jar!).*");

  private SourceTree() {}

  static String module(JavaClass type) {
    String source = type.getSource().orElseThrow().getUri().toString();
    Matcher matcher = MODULE.matcher(source);
    if (!matcher.matches()) {
      throw new IllegalStateException(source + " is in no module");
    }
    return matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
  }

  /** The modules that have a class besides descriptions of packages. */
  static Set<String> modulesWithClasses(Collection<String> modules) throws IOException {
    Set<String> found = new TreeSet<>();
    for (String module : modules) {
      if (sources(module).stream().anyMatch(file -> !file.endsWith("package-info.java"))) {
        found.add(module);
      }
    }
    return found;
  }

  static List<Path> foldersWithoutPackageInfo(Collection<String> modules) throws IOException {
    Set<Path> folders = new TreeSet<>();
    for (String module : modules) {
      sources(module).forEach(file -> folders.add(file.getParent()));
    }
    return folders.stream()
        .filter(folder -> !Files.exists(folder.resolve("package-info.java")))
        .toList();
  }

  /** The sources of all modules, tests apart. */
  static List<Path> mainSources() throws IOException {
    List<Path> files = new ArrayList<>();
    for (String module : List.of("core", "lora", "instrument", "probes")) {
      files.addAll(sources(module));
    }
    return files;
  }

  static List<Path> sources(String module) throws IOException {
    Path folder = root().resolve(module).resolve("src/main/java");
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> file.toString().endsWith(".java")).collect(Collectors.toList());
    }
  }

  static Path root() {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.exists(folder.resolve("core/pom.xml"))) {
      folder = folder.getParent();
      if (folder == null) {
        throw new IllegalStateException("the tests run outside of the project's folder");
      }
    }
    return folder;
  }
}
