package io.github.lorascope.examples;

import io.github.lorascope.data.PairExample;
import io.github.lorascope.data.Triples;
import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.io.AtomicFile;
import io.github.lorascope.io.Terminal;
import io.github.lorascope.json.Json;
import io.github.lorascope.lora.LoraAdapter;
import io.github.lorascope.rerank.PairScore;
import io.github.lorascope.rerank.Reranker;
import io.github.lorascope.train.BothPositions;
import io.github.lorascope.train.Evaluation;
import io.github.lorascope.train.Evaluator;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures how often a reranker prefers the relevant passage. */
@Command(
    name = "EvaluateReranker",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Measures how often a reranker prefers the relevant passage of a triple; positions alternate.",
      "The last line of standard output is one JSON object: accuracy, its 95%% interval, n, mean_p_correct,"
          + " tokens_per_second."
    })
public final class EvaluateReranker implements Callable<Integer> {
  @Mixin private ModelOptions model;

  @Option(
      names = {"--eval", "--triples"},
      paramLabel = "FILE",
      required = true,
      description = "Triples: query, positive, negative a line, tab-separated; plain or gzip.")
  private Path eval;

  @Option(
      names = "--eval-limit",
      paramLabel = "N",
      description = "Use the first N only (default: all).")
  private Integer evalLimit;

  @Mixin private AnswerOptions answers;

  @Option(
      names = "--both-positions",
      description =
          "Ask each pair with the passages swapped too, as a ranking does, and add what both say"
              + " together: accuracy, and how far the position decides.")
  private boolean bothPositions;

  @Option(
      names = "--predictions",
      paramLabel = "FILE",
      description = "Write a JSON line a pair: query, label, p_a, logits.")
  private Path predictions;

  /** For picocli. */
  public EvaluateReranker() {}

  /**
   * Runs the program.
   *
   * @param arguments see {@code --help}
   */
  public static void main(String[] arguments) {
    Main.run(new EvaluateReranker(), arguments);
  }

  @Override
  public Integer call() {
    InputGuard.check("--predictions", predictions, eval);
    Triples triples = evalLimit == null ? Triples.tsv(eval) : Triples.tsv(eval, evalLimit);
    Path folder = model.modelOrBundled();
    InputGuard.check("--predictions", predictions, folder);
    InputGuard.check("--predictions", predictions, answers.files());
    try (Decoder decoder = Decoder.load(folder, model.load());
        LoraAdapter adapter = answers.load(decoder);
        Reranker reranker = answers.reranker(decoder, adapter);
        AtomicFile predicted = predictions == null ? null : AtomicFile.create(predictions)) {
      Evaluator evaluator = new Evaluator(reranker, triples.evaluationPairs());
      long start = System.nanoTime();
      List<PairScore> scores = evaluator.score(done -> progress(done, triples.size()));
      double seconds = (System.nanoTime() - start) / 1e9;
      if (predicted != null) {
        predicted.write(0, ByteBuffer.wrap(lines(evaluator.pairs(), scores)));
        predicted.commit();
      }
      Map<String, Object> result = result(evaluator.summary(scores), seconds);
      if (bothPositions) {
        result.put("both_positions", swapped(reranker, evaluator.pairs(), scores));
      }
      System.out.println(Json.write(result));
      return 0;
    }
  }

  private static Map<String, Object> swapped(
      Reranker reranker, List<PairExample> pairs, List<PairScore> shown) {
    Evaluator evaluator =
        new Evaluator(reranker, pairs.stream().map(PairExample::swapped).toList());
    List<PairScore> scores = evaluator.score(done -> progress(done, pairs.size()));
    BothPositions both = BothPositions.of(pairs, shown, scores);
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("accuracy", both.accuracy().accuracy());
    result.put("interval", List.of(both.accuracy().low(), both.accuracy().high()));
    result.put("position_bias", both.difference().mean());
    if (pairs.size() > 1) {
      result.put(
          "position_bias_interval", List.of(both.difference().low(), both.difference().high()));
    }
    result.put("flips", both.flips().accuracy());
    return result;
  }

  private static void progress(int done, int total) {
    if (Terminal.isAttached() || done == total) {
      System.err.print("\r" + done + "/" + total + " pairs" + (done == total ? "\n" : ""));
      System.err.flush();
    }
  }

  private static Map<String, Object> result(Evaluation evaluation, double seconds) {
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("accuracy", evaluation.accuracy().accuracy());
    result.put("interval", List.of(evaluation.accuracy().low(), evaluation.accuracy().high()));
    result.put("n", evaluation.accuracy().trials());
    result.put("mean_p_correct", evaluation.meanProbability());
    result.put("loss", evaluation.loss());
    result.put("tokens_per_second", evaluation.tokens() / seconds);
    return result;
  }

  private static byte[] lines(List<PairExample> pairs, List<PairScore> scores) {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < pairs.size(); i++) {
      Map<String, Object> line = new LinkedHashMap<>();
      line.put("query", pairs.get(i).query());
      line.put("label", pairs.get(i).label() == 0 ? "A" : "B");
      line.put("p_a", scores.get(i).probabilityA());
      line.put("logits", List.of(scores.get(i).logitA(), scores.get(i).logitB()));
      lines.append(Json.write(line)).append('\n');
    }
    return lines.toString().getBytes(StandardCharsets.UTF_8);
  }
}
