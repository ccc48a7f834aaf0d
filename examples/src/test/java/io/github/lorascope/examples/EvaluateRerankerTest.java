package io.github.lorascope.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.checkpoint.SafetensorsFile;
import io.github.lorascope.json.Json;
import io.github.lorascope.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EvaluateRerankerTest {
  @TempDir static Path folder;

  @BeforeAll
  static void write() {
    TinyFolder.model(folder.resolve("model"));
    TinyFolder.triples(folder.resolve("triples.tsv"), 21);
  }

  private static Program.Result run(Class<?> program, String... arguments) {
    return Program.run(folder.resolve("log"), program, List.of(arguments));
  }

  private static String model() {
    return folder.resolve("model").toString();
  }

  private static String triples() {
    return folder.resolve("triples.tsv").toString();
  }

  @Test
  void theLastLineIsTheResultAndPredictionsGoToTheirFile() throws IOException {
    Path predictions = folder.resolve("predictions.jsonl");
    Program.Result result =
        run(
            EvaluateReranker.class,
            "--model",
            model(),
            "--eval",
            triples(),
            "--dtype",
            "f32",
            "--memory-cap",
            "99999999999999999",
            "--both-positions",
            "--predictions",
            predictions.toString());
    assertEquals(0, result.status(), result.err());
    JsonObject json = Json.parse(result.lastLine(), "the last line");
    assertEquals(21, json.integer("n"));
    List<Double> interval = json.numbers("interval");
    assertTrue(interval.get(0) <= json.number("accuracy"));
    assertTrue(interval.get(1) >= json.number("accuracy"));
    assertTrue(json.number("tokens_per_second") > 0);
    int right = 0;
    double probability = 0;
    List<String> lines = Files.readAllLines(predictions);
    assertEquals(21, lines.size());
    for (int i = 0; i < lines.size(); i++) {
      JsonObject line = Json.parse(lines.get(i), "line " + i);
      assertEquals("word" + i % 7, line.string("query"));
      assertEquals(i % 2 == 0 ? "B" : "A", line.string("label"));
      List<Double> logits = line.numbers("logits");
      double p = line.number("p_a");
      assertEquals(1 / (1 + Math.exp(logits.get(1) - logits.get(0))), p, 1e-12);
      double correct = line.string("label").equals("A") ? p : 1 - p;
      right += correct > 0.5 ? 1 : 0;
      probability += correct / lines.size();
    }
    assertEquals(right / 21.0, json.number("accuracy"), 1e-12);
    assertEquals(probability, json.number("mean_p_correct"), 1e-12);
    JsonObject both = json.object("both_positions");
    double bias = both.number("position_bias");
    assertTrue(bias > -1 && bias < 1);
    assertEquals(2, both.numbers("position_bias_interval").size());
    assertTrue(both.numbers("interval").get(0) <= both.number("accuracy"));
    assertTrue(both.number("flips") >= 0 && both.number("flips") <= 1);
  }

  @Test
  void theLanguageModelAnswersWithoutTraining() {
    List<String> asked = List.of("--model", model(), "--eval", triples(), "--dtype", "f32");
    List<String> zeroShot = new ArrayList<>(asked);
    zeroShot.add("--zero-shot");
    Program.Result own = run(EvaluateReranker.class, asked.toArray(String[]::new));
    Program.Result result = run(EvaluateReranker.class, zeroShot.toArray(String[]::new));
    assertEquals(0, result.status(), result.err());
    double loss = Json.parse(result.lastLine(), "the last line").number("loss");
    assertNotEquals(Json.parse(own.lastLine(), "the last line").number("loss"), loss);
    Path out = folder.resolve("from-zero-shot");
    Program.Result trained =
        run(
            TrainReranker.class,
            "--model",
            model(),
            "--dtype",
            "f32",
            "--triples",
            triples(),
            "--eval",
            triples(),
            "--steps",
            "1",
            "--batch",
            "2",
            "--rank",
            "2",
            "--zero-shot-head",
            "--freeze-head",
            "--keep-best",
            "--eval-every",
            "1",
            "--out",
            out.toString());
    assertEquals(0, trained.status(), trained.err());
    // A [2, 16] and B [48, 2]: none of a head
    assertTrue(trained.err().contains("training 128 parameters"), trained.err());
    assertFalse(Json.read(out.resolve("summary.json")).bool("head_trained", true));
    assertTrue(trained.out().contains("best: " + out.resolve("best") + ", "), trained.out());
    JsonObject start =
        Json.parse(
            SafetensorsFile.open(out.resolve("state.safetensors")).metadata().get("state"),
            "state");
    assertEquals(loss, start.object("before").number("loss"), 1e-9);
  }

  @Test
  void aPromptOfAFileIsAsked() throws IOException {
    String template = "<|im_start|>{query}\n{doc_a}\n{doc_b}\n";
    Path file = Files.writeString(folder.resolve("prompt.txt"), template + "\n");
    Set<Double> losses = new HashSet<>();
    for (String option : List.of("--prompt", "--chat-prompt")) {
      String[] asked = {"--model", model(), "--eval", triples(), option, file.toString()};
      Program.Result result = run(EvaluateReranker.class, asked);
      assertEquals(0, result.status(), result.err());
      losses.add(Json.parse(result.lastLine(), "the last line").number("loss"));
    }
    assertEquals(2, losses.size());
    Path out = folder.resolve("chat");
    Program.Result trained =
        run(
            TrainReranker.class,
            "--model",
            model(),
            "--triples",
            triples(),
            "--steps",
            "1",
            "--chat-prompt",
            file.toString(),
            "--out",
            out.toString());
    assertEquals(0, trained.status(), trained.err());
    Map<String, String> told = Json.read(out.resolve("provenance.json")).texts();
    assertEquals(template, told.get("prompt"));
    assertEquals("true", told.get("prompt_special_tokens"));
    Path other = Files.writeString(folder.resolve("other.txt"), "{query} {doc_a}");
    refused(
        "other.txt: the prompt template has {doc_b} 0 times",
        "--model",
        model(),
        "--eval",
        triples(),
        "--prompt",
        other.toString());
    refused(
        "cannot read nowhere.txt: no such file",
        "--model",
        model(),
        "--eval",
        triples(),
        "--chat-prompt",
        "nowhere.txt");
    refused(
        "--prompt beside --chat-prompt",
        "--model",
        model(),
        "--eval",
        triples(),
        "--prompt",
        file.toString(),
        "--chat-prompt",
        file.toString());
  }

  @Test
  void badInputIsOneLineAndStatus1() throws IOException {
    Path malformed = Files.writeString(folder.resolve("bad.tsv"), "q\ta\tb\nq\tonly one\n");
    String adapter = Folders.golden("llama-gqa/adapter").toString();
    refused("nowhere", "--model", "nowhere", "--eval", triples());
    refused("missing.tsv", "--model", model(), "--eval", "missing.tsv");
    refused("line 2", "--model", model(), "--eval", malformed.toString());
    refused("q_proj", "--model", model(), "--eval", triples(), "--adapter", adapter);
    String bare = TinyFolder.bare(folder.resolve("headless")).toString();
    refused("--zero-shot", "--model", bare, "--eval", triples());
    refused(
        "--zero-shot beside --adapter",
        "--model",
        model(),
        "--eval",
        triples(),
        "--adapter",
        adapter,
        "--zero-shot");
    refused("0 threads", "--model", model(), "--eval", triples(), "--threads", "0");
    refused("1000000 threads", "--model", model(), "--eval", triples(), "--threads", "1000000");
    refused(
        "it is a folder",
        "--model",
        model(),
        "--eval",
        triples(),
        "--predictions",
        folder.toString());
    refused("abacus", "--model", model(), "--eval", triples(), "--backend", "abacus");
    refused("memory cap of 0 bytes", "--model", model(), "--eval", triples(), "--memory-cap", "0");
    refused("positions", "--model", model(), "--eval", triples(), "--max-tokens", "513");
  }

  private static void refused(String part, String... arguments) {
    assertOneLine(run(EvaluateReranker.class, arguments), part);
  }

  private static void assertOneLine(Program.Result result, String part) {
    List<String> lines = result.err().lines().toList();
    assertEquals(1, lines.size(), result.err());
    assertTrue(lines.get(0).contains(part), lines.get(0));
    assertEquals(1, result.status());
    assertEquals("", result.out());
  }

  @Test
  void theFileOfThePromptIsNotWrittenOver() throws IOException {
    Path file = Files.writeString(folder.resolve("kept.txt"), "{query} {doc_a} {doc_b} Better?");
    refused(
        "kept.txt",
        "--model",
        model(),
        "--eval",
        triples(),
        "--prompt",
        file.toString(),
        "--predictions",
        file.toString());
    assertEquals("{query} {doc_a} {doc_b} Better?", Files.readString(file));
  }

  @Test
  void aTrainingWhoseHeadOrBestWouldBeNoneIsRefused() throws IOException {
    Path bare = TinyFolder.bare(folder.resolve("bare"));
    List<String> arguments = List.of("--triples", triples(), "--out", folder + "/none");
    assertRefused("add --zero-shot-head", arguments, "--model", bare.toString(), "--freeze-head");
    assertRefused("give --eval-every", arguments, "--eval", triples(), "--keep-best");
    assertFalse(Files.exists(folder.resolve("none")));
  }

  private static void assertRefused(String part, List<String> some, String... others) {
    List<String> all = new ArrayList<>(some);
    all.addAll(List.of(others));
    assertOneLine(run(TrainReranker.class, all.toArray(String[]::new)), part);
  }

  @Test
  void aRangeOfNoLayersIsRefusedAndNothingWritten() throws IOException {
    Path out = folder.resolve("out");
    List<String> arguments = new ArrayList<>(List.of("--model", model(), "--triples", triples()));
    arguments.addAll(List.of("--out", out.toString(), "--layers", "9-3"));
    assertOneLine(run(TrainReranker.class, arguments.toArray(String[]::new)), "9-3");
    assertTrue(!Files.exists(out));
  }

  @Test
  void whatIsNoOptionIsOneLineAndStatus2() {
    badOption("f8", "--model", model(), "--eval", triples(), "--dtype", "f8");
    badOption("--triples", "--model", model());
    badOption("--colour", "--eval", triples(), "--colour");
  }

  private static void badOption(String part, String... arguments) {
    Program.Result result = run(EvaluateReranker.class, arguments);
    assertEquals(1, result.err().lines().count(), result.err());
    assertTrue(result.err().contains(part) && result.err().contains("--help"), result.err());
    assertEquals(2, result.status());
    assertEquals("", result.out());
  }

  @ParameterizedTest
  @ValueSource(
      classes = {
        BenchmarkTraining.class,
        Bm25Run.class,
        EvaluateReranker.class,
        EvaluateRun.class,
        MergeAdapter.class,
        ParityCheck.class,
        QuickStart.class,
        RerankLangChain4j.class,
        RerankLucene.class,
        RerankRun.class,
        RerankSpringAi.class,
        TrainReranker.class
      })
  void helpGoesToStandardOutputAlone(Class<?> program) {
    Program.Result help = run(program, "--help");
    assertEquals(0, help.status());
    assertEquals("", help.err());
    assertTrue(help.out().startsWith("Usage: " + program.getSimpleName()), help.out());
  }

  @Test
  void aBatchOfNothingIsNotMeasured() {
    assertOneLine(
        run(BenchmarkTraining.class, "--config", model() + "/config.json", "--batch", "0"),
        "0 sequences");
  }

  @Test
  void theFolderOfARunIsNoFile() {
    Program.Result result =
        run(TrainReranker.class, "--model", model(), "--triples", triples(), "--out", triples());
    List<String> lines = result.err().lines().toList();
    assertTrue(lines.get(lines.size() - 1).endsWith("is a file"), result.err());
    assertEquals(1, result.status());
    assertEquals("", result.out());
  }
}
