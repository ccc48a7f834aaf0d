package io.github.lorascope.report;

import io.github.lorascope.checkpoint.SafetensorsWriter;
import io.github.lorascope.io.AtomicFiles;
import io.github.lorascope.json.Json;
import io.github.lorascope.metric.Proportion;
import io.github.lorascope.train.StepLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Writes every file that a run's folder may hold, with seeded numbers of the kind that an 18-layer
 * model of 9 heads gives: a plateau, a climb at step 60, late layers that matter.
 */
final class SampleRun {
  static final int LAYERS = 18;
  static final int HEADS = 9;
  static final int STEPS = 200;
  static final int EXAMPLES = 120;
  static final int EVALUATED = 400;

  private static final Map<String, String> PROVENANCE =
      Map.of("model", "smollm2-cut", "data_sha256", "3f0c", "seed", "0");

  private final Path folder;
  private final SplittableRandom random = new SplittableRandom(7);

  private SampleRun(Path folder) {
    this.folder = folder;
  }

  static void write(Path folder) throws IOException {
    SampleRun run = new SampleRun(folder);
    for (String part : List.of("attention", "ablation")) {
      Files.createDirectories(folder.resolve(part));
    }
    run.summary();
    run.metrics(folder.resolve("metrics.jsonl"), 60, 0.25);
    run.gradients();
    run.residual();
    run.attention("before", 0);
    run.attention("after", 0.02);
    run.lens();
    run.probes();
    run.projections();
    run.documents();
    run.ablation();
  }

  private double noise(double size) {
    return size * (random.nextDouble() + random.nextDouble() - 1);
  }

  private static double climb(double step, double start) {
    return 1 / (1 + Math.exp(-(step - start - 15) / 9));
  }

  private static List<Double> byLayer(int count, IntToDoubleFunction value) {
    return IntStream.range(0, count).mapToObj(l -> value.applyAsDouble(l)).toList();
  }

  private static List<Integer> upTo(int count) {
    return IntStream.range(0, count).boxed().toList();
  }

  private static Map<String, Object> map(Object... pairs) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      map.put((String) pairs[i], pairs[i + 1]);
    }
    return map;
  }

  private static void put(Map<String, Object> row, String name, Proportion share) {
    row.put(name, share.accuracy());
    row.put(name.equals("accuracy") ? "low" : name + "_low", share.low());
    row.put(name.equals("accuracy") ? "high" : name + "_high", share.high());
  }

  private static Proportion share(double accuracy, int n) {
    return new Proportion(Math.max(0, Math.min(n, Math.round(accuracy * n))), n);
  }

  private void document(String name, Map<String, Object> value) {
    Map<String, Object> document = map("provenance", PROVENANCE);
    document.putAll(value);
    AtomicFiles.writeString(folder.resolve(name), Json.writePretty(document));
  }

  private void summary() {
    Map<String, Object> summary = new LinkedHashMap<>();
    put(summary, "accuracy_before", share(0.5025, EVALUATED));
    put(summary, "accuracy_after", share(0.8425, EVALUATED));
    summary.putAll(
        map(
            "accuracy_after_n",
            EVALUATED,
            "steps",
            STEPS,
            "pairs",
            STEPS * 16,
            "tokens",
            1_203_481,
            "tokens_per_second",
            1665.3,
            "seconds",
            722.6,
            "model",
            "smollm2-cut",
            "rank",
            16,
            "targets",
            "qkv_proj"));
    AtomicFiles.writeString(folder.resolve("summary.json"), Json.writePretty(summary));
    AtomicFiles.writeString(folder.resolve("provenance.json"), Json.writePretty(PROVENANCE));
  }

  private void metrics(Path file, double start, double floor) {
    StepLog log = new StepLog(file);
    double smoothed = Math.log(2);
    for (int step = 1; step <= STEPS; step++) {
      double done = climb(step, start);
      double loss = Math.log(2) - (Math.log(2) - floor) * done * 0.6 + noise(0.12);
      smoothed = 0.9 * smoothed + 0.1 * loss;
      Map<String, Object> line =
          map(
              "loss",
              loss,
              "smoothed_loss",
              smoothed,
              "accuracy",
              Math.round(16 * Math.min(1, Math.max(0, 0.5 + 0.36 * done + noise(0.2)))) / 16.0,
              "mean_p_correct",
              0.5 + 0.28 * done + noise(0.05),
              "learning_rate",
              2e-3 * Math.min(step / 10.0, (STEPS - step) / (STEPS - 10.0)),
              "gradient_norm",
              0.4 + 2 * done * (1 - done) + Math.abs(noise(0.4)),
              "tokens",
              6017);
      if (step % 20 == 0) {
        put(line, "eval_accuracy", share(0.5025 + 0.34 * done, EVALUATED));
        line.put("eval_n", EVALUATED);
        line.put("eval_mean_p_correct", 0.5 + 0.27 * done);
        line.put("eval_loss", loss);
      }
      log.append(step, line);
    }
  }

  private void gradients() {
    StepLog log = new StepLog(folder.resolve("gradients.jsonl"));
    for (int step = 1; step <= STEPS; step++) {
      double size = 0.05 + 0.4 * climb(step, 40) * (1.2 - climb(step, 110));
      int now = step;
      List<Double> norm =
          byLayer(LAYERS, l -> size * Math.exp(0.13 * l) * (0.8 + Math.abs(noise(0.3))));
      Map<String, Object> line = map("layers", upTo(LAYERS), "norm", norm);
      line.put("mean", byLayer(LAYERS, l -> norm.get(l) / 2));
      line.put("a", byLayer(LAYERS, l -> now == 1 ? 0 : norm.get(l) * 0.5));
      line.put("b", byLayer(LAYERS, l -> norm.get(l) * 0.87));
      line.put("q", byLayer(LAYERS, l -> norm.get(l) * 0.3));
      line.put("k", byLayer(LAYERS, l -> norm.get(l) * 0.25));
      line.put("v", byLayer(LAYERS, l -> norm.get(l) * 0.77));
      line.put("norm_clipped", byLayer(LAYERS, l -> norm.get(l) * 0.9));
      line.put("update", byLayer(LAYERS, l -> 0.02));
      line.put("weight", byLayer(LAYERS, l -> 4.0));
      line.put(
          "update_ratio", byLayer(LAYERS, l -> 0.004 * Math.exp(-now / 90.0) * (1 + l / 20.0)));
      if (step % 10 == 0) {
        line.put("effective_rank", byLayer(LAYERS, l -> 2 + l / 6.0 + noise(0.5)));
      }
      double early = mean(norm, 0, 6);
      double late = mean(norm, 12, 18);
      line.putAll(
          map(
              "head",
              0.3,
              "head_clipped",
              0.3,
              "head_update",
              0.01,
              "head_weight",
              1.1,
              "clip_factor",
              0.9,
              "early",
              early,
              "middle",
              mean(norm, 6, 12),
              "late",
              late,
              "late_early_ratio",
              late / early,
              "early_late_ratio",
              early / late));
      log.append(step, line);
    }
  }

  private static double mean(List<Double> values, int from, int to) {
    return values.subList(from, to).stream().mapToDouble(v -> v).average().orElseThrow();
  }

  private void residual() {
    StepLog log = new StepLog(folder.resolve("residual.jsonl"));
    for (int step = 1; step <= STEPS; step++) {
      log.append(
          step,
          map(
              "layers",
              upTo(LAYERS + 1),
              "norm",
              byLayer(LAYERS + 1, l -> Math.exp(-0.1 * l) + Math.abs(noise(0.1)))));
    }
  }

  private long[] labels() {
    return IntStream.range(0, EXAMPLES).mapToLong(e -> e % 2).toArray();
  }

  /** Heads 3 and 7 of layers 14 and 15 match words; the last token looks elsewhere afterwards. */
  private void attention(String name, double moved) {
    SafetensorsWriter writer =
        new SafetensorsWriter().metadata("provenance", Json.write(PROVENANCE));
    long[] shape = {EXAMPLES, LAYERS, HEADS};
    for (String mass :
        List.of("a_to_query", "b_to_query", "b_to_a", "last_to_query", "last_to_a", "last_to_b")) {
      float[] values = new float[EXAMPLES * LAYERS * HEADS];
      for (int i = 0; i < values.length; i++) {
        int head = i % HEADS;
        int layer = i / HEADS % LAYERS;
        int example = i / HEADS / LAYERS;
        boolean matches = (layer == 14 || layer == 15) && (head == 3 || head == 7);
        boolean right = mass.equals(example % 2 == 0 ? "a_to_query" : "b_to_query");
        double value =
            0.05
                + 0.08 * Math.abs(Math.sin(1 + head * 3.1 + layer * 1.7))
                + noise(0.02)
                + (matches && right ? 0.04 : 0)
                + (mass.startsWith("last") && layer > 10 ? moved * (1 + head % 3) : 0);
        values[i] = (float) value;
      }
      writer.f32("mass." + mass, values, shape);
    }
    float[] entropy = new float[EXAMPLES * LAYERS * HEADS];
    for (int i = 0; i < entropy.length; i++) {
      entropy[i] = (float) (2.5 - i / HEADS % LAYERS * 0.05 + noise(0.4) - moved * 5);
    }
    writer.f32("entropy.last", entropy, shape);
    writer.i64("layers", IntStream.range(0, LAYERS).asLongStream().toArray(), LAYERS);
    writer.i64("labels", labels(), EXAMPLES);
    writer.write(folder.resolve("attention").resolve(name + ".safetensors"));
  }

  private static double readable(int layer, double done) {
    return 0.5 + 0.36 * done / (1 + Math.exp(-(layer - 13) * 0.9)) + (layer > 13 ? 0.05 : 0);
  }

  private void lens() {
    StepLog log = new StepLog(folder.resolve("lens.jsonl"));
    for (int step = 0; step <= STEPS; step += 20) {
      double done = step == 0 ? 0 : climb(step, 60);
      List<Proportion> right =
          IntStream.rangeClosed(0, LAYERS)
              .mapToObj(l -> share(readable(l, done) - 0.02, EVALUATED))
              .toList();
      log.append(
          step,
          map(
              "n",
              EVALUATED,
              "layers",
              upTo(LAYERS + 1),
              "accuracy",
              right.stream().map(Proportion::accuracy).toList(),
              "accuracy_low",
              right.stream().map(Proportion::low).toList(),
              "accuracy_high",
              right.stream().map(Proportion::high).toList(),
              "mean_p_correct",
              byLayer(LAYERS + 1, l -> readable(l, done)),
              "margin",
              byLayer(LAYERS + 1, l -> 4 * (readable(l, done) - 0.5) + noise(0.05))));
    }
  }

  private void probes() {
    StepLog log = new StepLog(folder.resolve("probes.jsonl"));
    for (int step = 0; step <= STEPS; step += 40) {
      double done = step == 0 ? 0 : climb(step, 55);
      for (int layer = 0; layer <= LAYERS; layer++) {
        Proportion right = share(readable(layer, done) + noise(0.02), EVALUATED);
        double control = 0.5 + noise(0.03);
        Map<String, Object> line = map("layer", layer);
        put(line, "accuracy", right);
        line.putAll(
            map("n", EVALUATED, "control", control, "selectivity", right.accuracy() - control));
        log.append(step, line);
      }
    }
  }

  private void projections() {
    SafetensorsWriter writer =
        new SafetensorsWriter().metadata("provenance", Json.write(PROVENANCE));
    for (String name : List.of("before", "after")) {
      for (int layer : List.of(4, 9, 14, 18)) {
        float[] xy = new float[EXAMPLES * 2];
        double apart = name.equals("after") && layer > 9 ? layer / 5.0 : 0.1;
        for (int e = 0; e < EXAMPLES; e++) {
          xy[2 * e] = (float) (noise(2.5) + (e % 2 == 0 ? apart : -apart));
          xy[2 * e + 1] = (float) noise(2);
        }
        writer.f32(name + "." + layer, xy, EXAMPLES, 2);
        writer.f32(name + "." + layer + ".explained", new float[] {0.41f, 0.13f}, 2);
      }
    }
    writer.i64("labels", labels(), EXAMPLES).write(folder.resolve("pca.safetensors"));
  }

  private void documents() {
    document(
        "cka.json",
        map(
            "a",
            "before",
            "b",
            "after",
            "rows",
            IntStream.rangeClosed(0, LAYERS)
                .mapToObj(l -> map("layer", l, "cka", 1 - 0.35 / (1 + Math.exp(-(l - 13) * 0.6))))
                .toList()));
    document(
        "knockout.json",
        map(
            "n",
            EVALUATED,
            "accuracy",
            0.8425,
            "margin",
            1.62,
            "rows",
            IntStream.range(0, LAYERS).mapToObj(this::knockOut).toList()));
    List<Map<String, Object>> rows = new ArrayList<>();
    for (String position : List.of("last", "query", "a", "b", "documents")) {
      for (int layer = 0; layer <= LAYERS; layer += 2) {
        double late = 1 / (1 + Math.exp(-(layer - 12) * 0.8));
        double share = position.equals("last") ? late : position.equals("query") ? 0.1 : 1 - late;
        double change = -3.2 * share * (position.length() == 1 ? 0.5 : 1) + noise(0.1);
        rows.add(
            map(
                "layer",
                layer,
                "position",
                position,
                "change",
                change,
                "low",
                change - 0.2,
                "high",
                change + 0.2,
                "share",
                change / -3.2));
      }
    }
    document("patching.json", map("n", EXAMPLES, "source", "swapped", "rows", rows));
    document(
        "curves.json",
        map(
            "provenance",
            PROVENANCE,
            "series",
            List.of(
                map(
                    "name",
                    "loss",
                    "plateau",
                    map("from", 1, "to", 58, "steps", 58, "level", Math.log(2), "mean", 0.6921),
                    "change_points",
                    List.of(
                        map("step", 66, "before", 0.692, "after", 0.55, "size", -0.142),
                        map("step", 92, "before", 0.55, "after", 0.43, "size", -0.12)),
                    "steepest",
                    map("step", 74, "slope", -0.0081)),
                map(
                    "name",
                    "accuracy",
                    "plateau",
                    null,
                    "change_points",
                    List.of(map("step", 70, "before", 0.5, "after", 0.84, "size", 0.34)),
                    "steepest",
                    map("step", 74, "slope", 0.009)))));
  }

  private Map<String, Object> knockOut(int layer) {
    double lost = -0.9 * Math.exp(-(layer - 14.5) * (layer - 14.5) / 6) + noise(0.04);
    Map<String, Object> row = map("layer", layer);
    put(row, "accuracy", share(0.8425 + 0.1 * lost, EVALUATED));
    row.putAll(
        map(
            "margin",
            1.62 + lost,
            "margin_change",
            lost,
            "margin_change_low",
            lost - 0.09,
            "margin_change_high",
            lost + 0.09,
            "accuracy_change",
            0.1 * lost,
            "accuracy_change_low",
            0.1 * lost - 0.02,
            "accuracy_change_high",
            0.1 * lost + 0.02,
            "p",
            lost < -0.2 ? 0.003 : 0.6));
    return row;
  }

  private void ablation() throws IOException {
    Map<String, List<Integer>> layers = new LinkedHashMap<>();
    layers.put("all", upTo(LAYERS));
    layers.put("late", IntStream.range(11, 18).boxed().toList());
    layers.put("middle", IntStream.range(6, 11).boxed().toList());
    layers.put("early+middle", upTo(11));
    Map<String, Double> reached =
        Map.of("all", 0.84, "late", 0.80, "middle", 0.82, "early+middle", 0.58);
    List<Map<String, Object>> groups = new ArrayList<>();
    List<Map<String, Object>> runs = new ArrayList<>();
    for (Map.Entry<String, List<Integer>> group : layers.entrySet()) {
      groups.add(map("name", group.getKey(), "layers", group.getValue(), "parameters", 1000));
      for (int seed = 0; seed < 3; seed++) {
        double accuracy = reached.get(group.getKey()) + noise(0.03);
        Map<String, Object> run = map("group", group.getKey(), "seed", seed);
        put(run, "accuracy", share(accuracy, EVALUATED));
        run.putAll(
            map(
                "steps",
                STEPS,
                "climb_step",
                accuracy > 0.7 ? 60 + 10 * seed : null,
                "right",
                "01".repeat(EVALUATED / 2)));
        runs.add(run);
        Path one = folder.resolve("ablation").resolve(group.getKey() + "-seed" + seed);
        Files.createDirectories(one);
        metrics(
            one.resolve("metrics.jsonl"), accuracy > 0.7 ? 60 + 10 * seed : 170, 1.1 - accuracy);
      }
    }
    document(
        "ablation.json",
        map(
            "n",
            EVALUATED,
            "groups",
            groups,
            "runs",
            runs,
            "comparisons",
            List.of(
                map(
                    "first",
                    "all",
                    "second",
                    "middle",
                    "difference",
                    -0.018,
                    "low",
                    -0.041,
                    "high",
                    0.004,
                    "p",
                    0.11,
                    "beyond_noise",
                    false),
                map(
                    "first",
                    "all",
                    "second",
                    "early+middle",
                    "difference",
                    -0.262,
                    "low",
                    -0.29,
                    "high",
                    -0.23,
                    "p",
                    1e-12,
                    "beyond_noise",
                    true))));
  }
}
