package io.github.lorascope.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The examples in Javadoc, README and guide are code that compiles. */
class WrittenExamplesTest {
  private static final Pattern JAVADOC =
      Pattern.compile("<pre>\\{@code\n(.*?)\n *\\* *}</pre>", Pattern.DOTALL);
  private static final Pattern IMPORT = Pattern.compile("(?m)^import .*;\n");

  /** What an example may take for given; fields, so that it may declare the same names itself. */
  private static final String GIVEN =
      """
      Decoder model;
      Reranker reranker;
      LoraAdapter adapter;
      Triples triples;
      List<PairExample> pairs;
      List<String> passages;
      Path folder;
      TrainingRun run;
      float[][] states;
      int[] labels;
      org.apache.lucene.search.IndexSearcher searcher;
      org.apache.lucene.search.Query words;
      dev.langchain4j.rag.content.retriever.ContentRetriever retriever;
      org.springframework.ai.rag.retrieval.search.DocumentRetriever documents;
      """;

  /** Every class that a newcomer would start from has an example. */
  private static final List<String> BUILDING_BLOCKS =
      List.of(
          "Decoder",
          "Reranker",
          "Ranker",
          "LoraAdapter",
          "Merge",
          "Trainer",
          "LinearProbe",
          "AttentionTap",
          "HiddenStateTap",
          "Lens",
          "Pca",
          "Cka",
          "StateComparison",
          "ProbeSeries",
          "KnockOut",
          "ActivationPatching",
          "CurveAnalysis",
          "LayerFreezing",
          "GradientTap",
          "RunReport",
          "PairwiseRescorer",
          "PairwiseScoringModel",
          "PairwisePostProcessor",
          "OnnxExport");

  @TempDir private Path folder;

  private record Example(String name, String code) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Example> examples() throws IOException {
    List<Example> found = new ArrayList<>(inMarkdown());
    for (Path file : SourceTree.mainSources()) {
      found.addAll(inJavadoc(file));
    }
    return found.stream();
  }

  private static List<Example> inMarkdown() throws IOException {
    return Markdown.pages().stream()
        .flatMap(page -> page.blocks("java").stream())
        .map(block -> new Example(block.place(), block.content()))
        .toList();
  }

  private static List<Example> inJavadoc(Path file) throws IOException {
    String name = file.getFileName().toString();
    return JAVADOC
        .matcher(Files.readString(file))
        .results()
        .map(r -> new Example(name, (r.group(1) + "\n").replaceAll("(?m)^ *\\* ?", "")))
        .toList();
  }

  @Test
  void everyBuildingBlockHasOne() throws IOException {
    Set<String> having =
        examples().map(e -> e.name().replace(".java", "")).collect(Collectors.toSet());
    List<String> lacking = BUILDING_BLOCKS.stream().filter(b -> !having.contains(b)).toList();
    assertEquals(List.of(), lacking, "an example in Javadoc: <pre>{@code ... }</pre>");
  }

  @ParameterizedTest
  @MethodSource("examples")
  void compiles(Example example) throws IOException {
    assertEquals("", errors(example.code()), example.code());
  }

  @Test
  void wrongCodeDoesNotCompile() throws IOException {
    assertFalse(errors("model.thereIsNoSuchMethod();\n").isEmpty());
    assertTrue(errors("model.config();\n").isEmpty());
  }

  private String errors(String code) throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter said = new StringWriter();
    List<String> options =
        List.of(
            "-d", folder.toString(), "-cp", System.getProperty("java.class.path"), "-proc:none");
    boolean compiled =
        compiler.getTask(said, null, null, options, null, List.of(source(code))).call();
    return compiled ? "" : said.toString();
  }

  private static JavaFileObject source(String code) throws IOException {
    StringBuilder text = new StringBuilder();
    for (String name : packages()) {
      text.append("import ").append(name).append(".*;\n");
    }
    text.append("import java.nio.file.*;\nimport java.util.*;\n");
    IMPORT.matcher(code).results().forEach(i -> text.append(i.group()));
    text.append("class Example {\n").append(GIVEN);
    text.append("void example() throws Exception {\n");
    text.append(IMPORT.matcher(code).replaceAll("")).append("}\n}\n");
    return new SimpleJavaFileObject(
        URI.create("string:///Example.java"), JavaFileObject.Kind.SOURCE) {
      @Override
      public CharSequence getCharContent(boolean ignoreEncodingErrors) {
        return text;
      }
    };
  }

  private static Set<String> packages() throws IOException {
    Set<String> packages = new TreeSet<>();
    for (Path file : SourceTree.mainSources()) {
      String path = file.getParent().toString().replace('\\', '/');
      String name = path.substring(path.indexOf("io/github/lorascope")).replace('/', '.');
      if (!file.endsWith("package-info.java")
          && !name.contains(".report.")
          && !name.endsWith(".examples")) {
        packages.add(name);
      }
    }
    return packages;
  }
}
