package io.github.lorascope.train;

import io.github.lorascope.checkpoint.SafetensorsFile;
import io.github.lorascope.lora.LoraAdapter;
import io.github.lorascope.metric.Proportion;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;

/**
 * Keeps the adapter of a training's best evaluation, the untrained model's included: the most pairs
 * answered right, if only by one, and of as many the lowest loss. What is chosen by an accuracy
 * looks better by it than it is on average, so judge it on other pairs. A resumed run goes on from
 * what the folder holds, and does not know evaluations that this listener missed.
 *
 * <pre>{@code
 * RunFolder run = new RunFolder(Path.of("runs/phi3"));
 * BestAdapter best = BestAdapter.in(run.best());
 * Trainer.of(reranker, adapter)
 *     .data(new EpochSampler(triples, 0))
 *     .evaluation(Triples.tsv(Path.of("triples.dev.tsv.gz"), 400).evaluationPairs())
 *     .options(TrainingOptions.builder().evaluateEvery(100).build())
 *     .folder(run, true)
 *     .listen(best)
 *     .build()
 *     .run();
 * best.step().ifPresent(step -> System.out.println("step " + step));
 * }</pre>
 */
public final class BestAdapter implements TrainingListener {
  private static final String STEP = "best_step";
  private static final String RIGHT = "best_right";
  private static final String PAIRS = "best_pairs";
  private static final String LOSS = "best_loss";

  /** What an adapter was kept for. */
  private record Best(int step, Proportion accuracy, double loss) {
    boolean isBeatenBy(Evaluation other) {
      int gain = Double.compare(other.accuracy().accuracy(), accuracy.accuracy());
      return gain > 0 || (gain == 0 && Double.compare(other.loss(), loss) < 0);
    }
  }

  private final Path folder;
  private LoraAdapter adapter;
  private Map<String, String> provenance = Map.of();
  private volatile Best best;

  private BestAdapter(Path folder) {
    this.folder = folder;
  }

  /**
   * Keeps it in a folder, as PEFT's files, whose metadata say of which step it is.
   *
   * @param folder such as {@link RunFolder#best}
   * @return the listener, for one training
   */
  public static BestAdapter in(Path folder) {
    return new BestAdapter(folder);
  }

  /**
   * Returns which step the adapter is of.
   *
   * @return the step, 0 for the untrained model; empty before the training starts or goes on, and
   *     where there was no evaluation
   */
  public OptionalInt step() {
    Best kept = best;
    return kept == null ? OptionalInt.empty() : OptionalInt.of(kept.step());
  }

  @Override
  public void started(TrainingStart start) {
    adapter = start.adapter();
    provenance = start.provenance();
    // Of a step that is yet to be made again it is still right: that comes out the same.
    Path tensors = folder.resolve("adapter_model.safetensors");
    best = start.resumed() && Files.exists(tensors) ? read(tensors) : null;
  }

  @Override
  public void evaluated(int step, Evaluation evaluation) {
    Best kept = best;
    if (kept != null && !kept.isBeatenBy(evaluation)) {
      return;
    }
    Proportion accuracy = evaluation.accuracy();
    Map<String, String> values = new TreeMap<>(provenance);
    values.put(STEP, Integer.toString(step));
    values.put(RIGHT, Long.toString(accuracy.successes()));
    values.put(PAIRS, Long.toString(accuracy.trials()));
    values.put(LOSS, Double.toString(evaluation.loss()));
    adapter.save(folder, values);
    best = new Best(step, accuracy, evaluation.loss());
  }

  private static Best read(Path tensors) {
    Map<String, String> values = SafetensorsFile.open(tensors).metadata();
    try {
      return new Best(
          Integer.parseInt(values.getOrDefault(STEP, "")),
          new Proportion(
              Long.parseLong(values.getOrDefault(RIGHT, "")),
              Long.parseLong(values.getOrDefault(PAIRS, ""))),
          Double.parseDouble(values.getOrDefault(LOSS, "")));
    } catch (IllegalArgumentException e) {
      throw new TrainingException(
          tensors
              + " does not say which evaluation it was the best of ("
              + e.getMessage()
              + "): move its folder away, and the best of what is left of the run is kept",
          e);
    }
  }
}
