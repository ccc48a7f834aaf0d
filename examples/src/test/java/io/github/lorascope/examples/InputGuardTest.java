package io.github.lorascope.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.io.FileWriteException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InputGuardTest {
  @TempDir private Path folder;
  private Path passages;
  private Path queries;
  private Path qrels;
  private Path run;

  @BeforeEach
  void write() throws IOException {
    passages = Files.writeString(folder.resolve("passages.tsv"), "d1\tsome text\n");
    queries = Files.writeString(folder.resolve("queries.tsv"), "q1\tsome\n");
    qrels = Files.writeString(folder.resolve("qrels"), "q1 0 d1 1\n");
    run = Files.writeString(folder.resolve("run"), "q1 Q0 d1 1 2.5 tag\n");
  }

  private void refuses(Path input, Class<?> program, List<String> arguments) throws IOException {
    String before = Files.readString(input);
    Program.Result result = Program.run(folder.resolve("log"), program, arguments);
    assertNotEquals(0, result.status());
    assertTrue(result.err().contains("which is read; give another path"), result.err());
    assertEquals(before, Files.readString(input));
  }

  @Test
  void evaluateRunKeepsTheRun() throws IOException {
    Path link = Files.createSymbolicLink(folder.resolve("link"), run);
    for (Path json : List.of(run, link, folder.resolve(".").resolve("run"))) {
      refuses(
          run,
          EvaluateRun.class,
          List.of("--qrels", "" + qrels, "--run", "" + run, "--json", "" + json));
    }
  }

  @Test
  void bm25RunKeepsTheCollection() throws IOException {
    refuses(
        passages,
        Bm25Run.class,
        List.of("--collection", "" + passages, "--queries", "" + queries, "--out", "" + passages));
  }

  @Test
  void evaluateRerankerKeepsTheTriples() throws IOException {
    Path triples = TinyFolder.triples(folder.resolve("triples.tsv"), 2);
    refuses(
        triples,
        EvaluateReranker.class,
        List.of("--eval", "" + triples, "--predictions", "" + triples));
  }

  @Test
  void compareRankingsKeepsTheTriples() throws IOException {
    Path triples = TinyFolder.triples(folder.resolve("triples.tsv"), 2);
    refuses(
        triples, CompareRankings.class, List.of("--triples", "" + triples, "--json", "" + triples));
  }

  @Test
  void rerankRunKeepsTheModel() throws IOException {
    Path model = Files.writeString(folder.resolve("model.gguf"), "weights");
    refuses(
        model,
        RerankRun.class,
        List.of(
            "--model",
            "" + model,
            "--run",
            "" + run,
            "--collection",
            "" + passages,
            "--queries",
            "" + queries,
            "--out",
            "" + model));
  }

  @Test
  void evaluateRerankerKeepsTheAdapter() throws IOException {
    Path triples = TinyFolder.triples(folder.resolve("triples.tsv"), 2);
    Path model = TinyFolder.model(folder.resolve("model"));
    Path adapter = Files.createDirectory(folder.resolve("adapter"));
    Path weights = Files.writeString(adapter.resolve("adapter_model.safetensors"), "weights");
    refuses(
        weights,
        EvaluateReranker.class,
        List.of(
            "--model",
            "" + model,
            "--adapter",
            "" + adapter,
            "--eval",
            "" + triples,
            "--predictions",
            "" + weights));
  }

  @Test
  void compareRankingsKeepsTheModel() throws IOException {
    Path model = TinyFolder.model(folder.resolve("model"));
    Path tokenizer = model.resolve("tokenizer.json");
    refuses(
        tokenizer, CompareRankings.class, List.of("--model", "" + model, "--json", "" + tokenizer));
  }

  @Test
  void whatElseLiesInAFolderMayBeReplaced() throws IOException {
    Path model = TinyFolder.model(folder.resolve("model"));
    Path table = Files.writeString(model.resolve("rankings.json"), "{}");
    InputGuard.check("--json", table, model);
    assertThrows(
        FileWriteException.class,
        () -> InputGuard.check("--json", model.resolve("model.safetensors"), model));
  }

  @Test
  void benchmarkKernelsKeepsTheShape() throws IOException {
    Path config = TinyFolder.model(folder.resolve("model")).resolve("config.json");
    refuses(
        config,
        BenchmarkKernels.class,
        List.of(
            "--config",
            "" + config,
            "--only",
            "nothing",
            "--batch",
            "1",
            "--length",
            "8",
            "--backend",
            "reference",
            "--json",
            "" + config));
  }

  @Test
  void rerankRunKeepsTheRun() throws IOException {
    refuses(
        run,
        RerankRun.class,
        List.of(
            "--run",
            "" + run,
            "--collection",
            "" + passages,
            "--queries",
            "" + queries,
            "--out",
            "" + run));
  }
}
