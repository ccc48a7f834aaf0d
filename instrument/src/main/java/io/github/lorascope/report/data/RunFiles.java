package io.github.lorascope.report.data;

import io.github.lorascope.curve.Curve;
import io.github.lorascope.curve.Curves;
import io.github.lorascope.json.Json;
import io.github.lorascope.json.JsonException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a run's folder holds. Every file that is there is read and checked at once; each may be
 * missing.
 */
public final class RunFiles {
  private static final int MOST_LAYERS = 10_000;

  private static final Set<String> METRICS =
      Set.of(
          "loss",
          "smoothed_loss",
          "accuracy",
          "mean_p_correct",
          "learning_rate",
          "gradient_norm",
          "eval_accuracy",
          "eval_accuracy_low",
          "eval_accuracy_high",
          "eval_n",
          "eval_loss",
          "eval_mean_p_correct");
  private static final Set<String> GRADIENT_NUMBERS =
      Set.of(
          "head",
          "head_clipped",
          "head_update",
          "head_weight",
          "clip_factor",
          "early",
          "middle",
          "late",
          "late_early_ratio");
  private static final Set<String> GRADIENT_LISTS =
      Set.of("norm", "mean", "a", "b", "q", "k", "v", "update", "update_ratio", "effective_rank");
  private static final Set<String> LENS_LISTS =
      Set.of("accuracy", "accuracy_low", "accuracy_high", "mean_p_correct", "margin");

  private final Path folder;
  private final List<String> missing = new ArrayList<>();
  private final Origins origins = new Origins();
  private final Summary summary;
  private final Optional<StepTable> metrics;
  private final List<Curve> curves;
  private final Optional<StepTable> gradients;
  private final Optional<StepTable> residual;
  private final Map<String, AttentionMasses> attention = new TreeMap<>();
  private final Optional<StepTable> lens;
  private final List<ProbeScore> probes;
  private final Optional<Projections> projections;
  private final List<Similarity> similarities;
  private final Optional<KnockOutTable> knockOut;
  private final Optional<PatchingTable> patching;
  private final Optional<AblationTable> ablation;
  private final Map<String, StepTable> ablationRuns = new TreeMap<>();

  private RunFiles(Path folder) {
    this.folder = folder;
    summary = read("summary.json", Summary::read).orElse(new Summary(Map.of()));
    read("provenance.json", Json::read).ifPresent(p -> origins.add("provenance.json", p));
    metrics = read("metrics.jsonl", file -> StepTable.read(file, METRICS, Set.of()));
    curves = document(Curves.FILE_NAME, file -> Curves.read(folder).series()).orElse(List.of());
    gradients =
        read("gradients.jsonl", file -> StepTable.read(file, GRADIENT_NUMBERS, GRADIENT_LISTS));
    residual = read("residual.jsonl", file -> StepTable.read(file, Set.of(), Set.of("norm")));
    for (String when : List.of("before", "after")) {
      tensors("attention/" + when + ".safetensors", AttentionMasses::read)
          .ifPresent(masses -> attention.put(when, masses));
    }
    requirePairs();
    probes = read("probes.jsonl", ProbeScore::read).orElse(List.of());
    similarities = document("cka.json", Similarity::read).orElse(List.of());
    projections = tensors("pca.safetensors", Projections::read);
    lens = read("lens.jsonl", file -> StepTable.read(file, Set.of("n"), LENS_LISTS));
    ablation = document("ablation.json", AblationTable::read);
    readAblationRuns();
    knockOut = document("knockout.json", KnockOutTable::read);
    patching = document("patching.json", PatchingTable::read);
    requireLayers();
  }

  /**
   * Reads a folder.
   *
   * @param folder of a run
   * @return what it holds
   * @throws io.github.lorascope.LorascopeException if it is no folder, holds nothing of a run, or
   *     one of its files is malformed; the message names file and line or field
   */
  public static RunFiles read(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new JsonException(folder + " is no folder; a report is made of a run's folder");
    }
    RunFiles files = new RunFiles(folder);
    if (Stream.of("summary.json", "metrics.jsonl").allMatch(files.missing::contains)) {
      throw new JsonException(
          folder + " holds neither metrics.jsonl nor summary.json; the folder of a training does");
    }
    return files;
  }

  private <T> Optional<T> read(String name, Function<Path, T> reader) {
    Path file = folder.resolve(name);
    if (!Files.exists(file)) {
      missing.add(name);
      return Optional.empty();
    }
    try {
      return Optional.of(reader.apply(file));
    } catch (ArithmeticException e) {
      throw new JsonException(file + " holds a number too large to be one of its kind", e);
    }
  }

  private <T> Optional<T> document(String name, Function<Path, T> reader) {
    Optional<T> value = read(name, reader);
    value.ifPresent(unused -> origins.addDocument(name, folder.resolve(name)));
    return value;
  }

  private <T> Optional<T> tensors(String name, Function<Path, T> reader) {
    Optional<T> value = read(name, reader);
    value.ifPresent(unused -> origins.addTensors(name, folder.resolve(name)));
    return value;
  }

  private void requirePairs() {
    if (attention.size() == 2) {
      attention
          .get("before")
          .differsFrom(attention.get("after"))
          .ifPresent(
              what -> {
                throw new JsonException(
                    folder.resolve("attention")
                        + ": before and after are of different "
                        + what
                        + "; take both on the same");
              });
    }
  }

  private void readAblationRuns() {
    Path runs = folder.resolve("ablation");
    if (ablation.isEmpty() || !Files.isDirectory(runs)) {
      return;
    }
    Set<String> finished =
        ablation.get().runs().stream().map(AblationTable.Run::folder).collect(Collectors.toSet());
    try (Stream<Path> some = Files.list(runs)) {
      for (Path run : some.sorted().toList()) {
        String name = run.getFileName().toString();
        Path file = run.resolve("metrics.jsonl");
        if (finished.contains(name) && Files.exists(file)) {
          ablationRuns.put(name, StepTable.read(file, METRICS, Set.of()));
        }
      }
    } catch (IOException e) {
      throw new JsonException("Cannot list " + runs + ": " + e, e);
    }
  }

  /**
   * The files that are not there.
   *
   * @return their names, in order
   */
  public List<String> missing() {
    return List.copyOf(missing);
  }

  /**
   * What the files come from.
   *
   * @return their provenance
   */
  public Origins origins() {
    return origins;
  }

  /**
   * {@code summary.json}.
   *
   * @return its entries, none where it is missing
   */
  public Summary summary() {
    return summary;
  }

  /**
   * {@code metrics.jsonl}.
   *
   * @return the steps
   */
  public Optional<StepTable> metrics() {
    return metrics;
  }

  /**
   * {@code curves.json}.
   *
   * @return the shapes of the series
   */
  public List<Curve> curves() {
    return curves;
  }

  /**
   * The shape of one series.
   *
   * @param name of the series
   * @return its shape, empty where it was not analysed
   */
  public Optional<Curve> curve(String name) {
    return curves.stream().filter(curve -> curve.name().equals(name)).findFirst();
  }

  /**
   * {@code gradients.jsonl}.
   *
   * @return the adapter's gradients by layer
   */
  public Optional<StepTable> gradients() {
    return gradients;
  }

  /**
   * {@code residual.jsonl}.
   *
   * @return the gradients of the residual stream
   */
  public Optional<StepTable> residual() {
    return residual;
  }

  /**
   * {@code attention/before.safetensors} and {@code attention/after.safetensors}.
   *
   * @param when before or after
   * @return the masses
   */
  public Optional<AttentionMasses> attention(String when) {
    return Optional.ofNullable(attention.get(when));
  }

  /**
   * {@code lens.jsonl}.
   *
   * @return what every depth answers
   */
  public Optional<StepTable> lens() {
    return lens;
  }

  /**
   * {@code probes.jsonl}.
   *
   * @return the scores in the order of the file
   */
  public List<ProbeScore> probes() {
    return probes;
  }

  /**
   * {@code pca.safetensors}.
   *
   * @return the projections
   */
  public Optional<Projections> projections() {
    return projections;
  }

  /**
   * {@code cka.json}.
   *
   * @return how alike the states are
   */
  public List<Similarity> similarities() {
    return similarities;
  }

  /**
   * {@code knockout.json}.
   *
   * @return what each layer's adapter is worth
   */
  public Optional<KnockOutTable> knockOut() {
    return knockOut;
  }

  /**
   * {@code patching.json}.
   *
   * @return what other states change
   */
  public Optional<PatchingTable> patching() {
    return patching;
  }

  /**
   * {@code ablation.json}.
   *
   * @return the comparison of groups
   */
  public Optional<AblationTable> ablation() {
    return ablation;
  }

  /**
   * {@code ablation/GROUP-seedK/metrics.jsonl} of the runs that {@code ablation.json} has; what an
   * earlier ablation of other seeds left there, or one that is under way, is none of them.
   *
   * @return the steps of each, by the name of its folder
   */
  public Map<String, StepTable> ablationRuns() {
    return ablationRuns;
  }

  /**
   * How many layers the model has, as far as the files show.
   *
   * @return the number of layers that something was recorded of; 0 where nothing was by layer
   */
  public int layers() {
    List<Integer> counts = new ArrayList<>();
    gradients.ifPresent(g -> last(g.layers()).ifPresent(l -> counts.add(l + 1)));
    residual.ifPresent(r -> last(r.layers()).ifPresent(counts::add));
    lens.ifPresent(l -> last(l.layers()).ifPresent(counts::add));
    attention.values().forEach(a -> last(a.layers()).ifPresent(l -> counts.add(l + 1)));
    probes.forEach(p -> counts.add(p.layer()));
    similarities.forEach(s -> counts.add(s.layer()));
    knockOut.ifPresent(k -> k.rows().forEach(row -> counts.add(row.layer() + 1)));
    ablation.ifPresent(a -> a.groups().forEach(g -> g.layers().forEach(l -> counts.add(l + 1))));
    return counts.stream().mapToInt(Integer::intValue).max().orElse(0);
  }

  private void requireLayers() {
    if (layers() < 0 || layers() > MOST_LAYERS) {
      throw new JsonException(
          folder + ": one of its files names a layer beyond the " + MOST_LAYERS + "th");
    }
  }

  private static Optional<Integer> last(int[] layers) {
    return layers.length == 0 ? Optional.empty() : Optional.of(layers[layers.length - 1]);
  }
}
