package io.github.lorascope.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Classes and methods that README and guide name exist. */
class WrittenNamesTest {
  /** As in {@code Trainer}, {@code Trainer.run} or {@code Trainer.stop()}. */
  private static final Pattern NAME =
      Pattern.compile("([A-Z][a-z][a-z0-9]*(?:[A-Z][a-z0-9]*)*)(?:\\.([A-Za-z]\\w*))?(?:\\(.*)?");

  /** Names of others that are written like a class of ours. */
  private static final Set<String> FOREIGN =
      Set.of(
          "AutoModelForSequenceClassification",
          "DocumentPostProcessor",
          "ForSequenceClassification",
          "IllegalArgumentException",
          "MatMulBnb4",
          "NoClassDefFoundError",
          "Rescorer",
          "RssAnon",
          "ScoringModel",
          "StratifiedKFold",
          "Supplier");

  /** Its tables are of Python's names too, so that a class may be none of ours. */
  private static final String PYTHON = "from-python.md";

  private static final Map<String, List<Class<?>>> CLASSES = new HashMap<>();

  @BeforeAll
  static void findClasses() throws IOException, ClassNotFoundException {
    List<Path> sources = new ArrayList<>(SourceTree.mainSources());
    sources.addAll(SourceTree.sources("examples"));
    for (Path file : sources) {
      String path = file.toString().replace('\\', '/');
      String name = path.substring(path.indexOf("io/github/lorascope")).replace(".java", "");
      if (!name.endsWith("package-info")) {
        Class<?> type =
            Class.forName(name.replace('/', '.'), false, WrittenNamesTest.class.getClassLoader());
        CLASSES.computeIfAbsent(type.getSimpleName(), n -> new ArrayList<>()).add(type);
      }
    }
    CLASSES.put(
        "ArchitectureTest", List.of(ArchitectureTest.class)); // the one test that is written of
  }

  @Test
  void exist() throws IOException {
    List<String> wrong = new ArrayList<>();
    int names = 0;
    for (Markdown page : Markdown.pages()) {
      boolean ours = !page.file().endsWith(PYTHON);
      for (Markdown.Part span : page.spans()) {
        names += NAME.matcher(span.content()).matches() ? 1 : 0;
        if (!exists(span.content(), ours)) {
          wrong.add(span.place() + ": " + span.content());
        }
      }
    }
    assertEquals(List.of(), wrong);
    assertFalse(names < 100, names + " names were found");
  }

  @Test
  void wrongOnesAreFound() {
    for (String right :
        List.of("Trainer", "Trainer.run", "Trainer.stop()", "KnockOutResult.Row", "--steps")) {
      assertEquals(true, exists(right, true), right);
    }
    for (String wrong : List.of("Coach", "Trainer.walk", "Trainer.walk(2)", "Trainer.Walk")) {
      assertEquals(false, exists(wrong, true), wrong);
    }
    assertEquals(true, exists("Coach.walk", false));
    assertEquals(false, exists("Trainer.walk", false));
  }

  /** What is not written as a name counts as one that exists, and so may a class of others. */
  private static boolean exists(String span, boolean ours) {
    Matcher name = NAME.matcher(span);
    if (!name.matches() || FOREIGN.contains(name.group(1))) {
      return true;
    }
    List<Class<?>> types = CLASSES.getOrDefault(name.group(1), List.of());
    String member = name.group(2);
    if (types.isEmpty() && !ours) {
      return true;
    }
    return member == null
        ? !types.isEmpty()
        : types.stream().flatMap(WrittenNamesTest::members).anyMatch(member::equals);
  }

  private static Stream<String> members(Class<?> type) {
    return Stream.of(
            Arrays.stream(type.getDeclaredMethods()).map(m -> m.getName()),
            Arrays.stream(type.getMethods()).map(m -> m.getName()),
            Arrays.stream(type.getDeclaredFields()).map(f -> f.getName()),
            Arrays.stream(type.getDeclaredClasses()).map(c -> c.getSimpleName()))
        .flatMap(s -> s);
  }
}
