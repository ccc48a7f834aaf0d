package user;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.bytedeco.javacpp.Loader;
import org.junit.jupiter.api.Test;
import org.slf4j.spi.SLF4JServiceProvider;

/** What comes along. */
class ClassPathTest {
  private static final List<String> SYSTEMS =
      List.of("linux", "windows", "macosx", "android", "ios");

  private static final Pattern VERSION = Pattern.compile("-\\d");

  private static List<String> jars() {
    return jars(System.getProperty("java.class.path"));
  }

  private static List<String> jars(String classPath) {
    return Arrays.stream(classPath.split(File.pathSeparator))
        .filter(p -> p.endsWith(".jar"))
        .map(p -> Path.of(p).getFileName().toString())
        .toList();
  }

  private static String withoutVersion(String jar) {
    return VERSION.split(jar, 2)[0];
  }

  /** What the modules manage is not managed here: the nearest version wins. */
  @Test
  void librariesInTheVersionsThatTheModulesAreTestedWith() throws IOException {
    List<String> tested = jars(Files.readString(Path.of(System.getProperty("tested"))));
    Set<String> names =
        tested.stream().map(ClassPathTest::withoutVersion).collect(Collectors.toSet());
    assertEquals(
        List.of(),
        jars().stream()
            .filter(j -> names.contains(withoutVersion(j)) && !tested.contains(j))
            .toList());
    assertTrue(jars().stream().filter(tested::contains).count() > 30, "of " + tested);
  }

  @Test
  void nativeLibrariesOfThisPlatformAlone() {
    List<String> having =
        jars().stream().filter(j -> SYSTEMS.stream().anyMatch(s -> j.contains("-" + s))).toList();
    String here = "-" + Loader.getPlatform() + ".jar";
    assertEquals(List.of(), having.stream().filter(j -> !j.endsWith(here)).toList());
    for (String name : List.of("javacpp", "dnnl", "openblas", "nd4j-native")) {
      assertTrue(having.stream().anyMatch(j -> j.startsWith(name + "-")), name + " in " + having);
    }
  }

  @Test
  void noBindingOfSlf4j() {
    assertTrue(ServiceLoader.load(SLF4JServiceProvider.class).findFirst().isEmpty());
    assertTrue(jars().stream().anyMatch(j -> j.startsWith("slf4j-api-")));
  }

  @Test
  void noLibraryThatIsForTheUserToChoose() {
    for (String name : List.of("lucene", "langchain4j", "spring", "picocli", "cuda-redist")) {
      assertFalse(jars().stream().anyMatch(j -> j.startsWith(name)), name + " in " + jars());
    }
  }

  @Test
  void modulesOfTheirOwnNamesAndPackages() {
    Path[] own =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .map(Path::of)
            .filter(p -> p.getFileName().toString().startsWith("lorascope-"))
            .toArray(Path[]::new);
    List<ModuleDescriptor> modules =
        ModuleFinder.of(own).findAll().stream().map(ModuleReference::descriptor).toList();
    assertEquals(
        Set.of("core", "lora", "instrument", "probes").stream()
            .map(n -> "io.github.lorascope." + n)
            .collect(Collectors.toSet()),
        modules.stream().map(ModuleDescriptor::name).collect(Collectors.toSet()));
    List<String> packages = new ArrayList<>();
    modules.forEach(m -> packages.addAll(m.packages()));
    assertEquals(new TreeSet<>(packages).size(), packages.size(), "a package in two modules");
    packages.forEach(
        p -> assertTrue(p.toLowerCase(Locale.ROOT).startsWith("io.github.lorascope"), p));
  }
}
