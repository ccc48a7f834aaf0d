package io.github.lorascope.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** Programs and their options that are written of exist, and programs are written of. */
class WrittenCommandsTest {
  /** To the end of the line, of the code, or of what belongs to the command. */
  private static final Pattern RUN = Pattern.compile("examples/run ([\\w]+)([^`#|&;<>]*)");

  /** As in {@code RerankRun --strategy}. */
  private static final Pattern MENTION = Pattern.compile("([A-Z]\\w+)((?: +\\S+)*? +--[a-z].*)");

  private static final Pattern OPTION = Pattern.compile("(?<!\\S)(--?[a-zA-Z][\\w-]*)");

  /** Stands for any program in a line that explains how to start one. */
  private static final String ANY = "NAME";

  private static final Set<String> PROGRAMS = new TreeSet<>();

  @Test
  void namedOnesExist() throws IOException {
    List<String> wrong = new ArrayList<>();
    int commands = 0;
    for (Markdown page : Markdown.pages()) {
      for (Markdown.Part line : page.lines()) {
        commands += (int) RUN.matcher(line.content()).results().count();
        wrong(line.content()).forEach(what -> wrong.add(line.place() + ": " + what));
      }
      for (Markdown.Part span : page.spans()) {
        wrongMention(span.content()).forEach(what -> wrong.add(span.place() + ": " + what));
      }
    }
    assertEquals(List.of(), wrong);
    assertEquals(true, commands > 20, commands + " commands were found");
  }

  @Test
  void everyProgramIsInTheReadme() throws IOException {
    Set<String> lacking = new TreeSet<>(PROGRAMS);
    Markdown.read(SourceTree.root().resolve("README.md")).spans().stream()
        .map(Markdown.Part::content)
        .forEach(lacking::remove);
    assertEquals(Set.of(), lacking);
  }

  @Test
  void wrongOnesAreFound() {
    assertEquals(List.of(), wrong("examples/run QuickStart --steps 5 -h `--nothing`"));
    assertEquals(
        List.of("QuickStart has no option --nothing"), wrong("examples/run QuickStart --nothing"));
    assertEquals(
        List.of("there is no program SlowStart"), wrong("`examples/run SlowStart --steps 5`"));
    assertEquals(
        List.of("RerankRun has no option --plan"), wrongMention("RerankRun --plan X --top-k 2"));
    assertEquals(List.of(), wrongMention("Python --plan"));
  }

  /** A percent sign alone is a format to picocli, which warns and prints it as it is. */
  @Test
  void helpIsPrintedWithoutWarnings() {
    PrintStream standard = System.err;
    ByteArrayOutputStream warnings = new ByteArrayOutputStream();
    try {
      System.setErr(new PrintStream(warnings, true, StandardCharsets.UTF_8));
      for (String program : PROGRAMS) {
        String usage = commandLine(program).getUsageMessage();
        assertEquals(true, usage.startsWith("Usage: " + program), usage);
      }
    } finally {
      System.setErr(standard);
    }
    assertEquals("", warnings.toString(StandardCharsets.UTF_8));
  }

  private static List<String> wrong(String line) {
    List<String> wrong = new ArrayList<>();
    Matcher run = RUN.matcher(line);
    while (run.find()) {
      String name = run.group(1);
      if (name.equals(ANY)) {
        continue;
      }
      if (PROGRAMS.contains(name)) {
        wrong.addAll(unknown(name, run.group(2)));
      } else {
        wrong.add("there is no program " + name);
      }
    }
    return wrong;
  }

  private static List<String> wrongMention(String span) {
    Matcher mention = MENTION.matcher(span);
    return mention.matches() && PROGRAMS.contains(mention.group(1))
        ? unknown(mention.group(1), mention.group(2))
        : List.of();
  }

  private static List<String> unknown(String program, String arguments) {
    CommandLine.Model.CommandSpec spec = commandLine(program).getCommandSpec();
    return OPTION
        .matcher(arguments)
        .results()
        .map(option -> option.group(1))
        .filter(option -> spec.findOption(option) == null)
        .map(option -> program + " has no option " + option)
        .toList();
  }

  private static CommandLine commandLine(String program) {
    String type = WrittenCommandsTest.class.getPackageName() + "." + program;
    try {
      return new CommandLine(Class.forName(type).getDeclaredConstructor().newInstance());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(type, e);
    }
  }

  /** As examples/run finds them. */
  @BeforeAll
  static void findPrograms() throws IOException {
    Path sources = SourceTree.root().resolve("examples/src/main/java/io/github/lorascope/examples");
    try (Stream<Path> files = Files.list(sources)) {
      for (Path file : files.toList()) {
        if (Files.readString(file).contains("static void main(")) {
          PROGRAMS.add(file.getFileName().toString().replace(".java", ""));
        }
      }
    }
  }
}
