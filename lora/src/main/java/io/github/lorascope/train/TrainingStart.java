package io.github.lorascope.train;

import io.github.lorascope.lora.LoraAdapter;
import io.github.lorascope.rerank.Reranker;
import java.util.Map;
import java.util.Optional;

/**
 * What a training starts or goes on with.
 *
 * @param step steps done before
 * @param resumed whether it goes on from a checkpoint; then what was recorded up to that step
 *     stays, the evaluation of step 0 included
 * @param unevaluated whether the evaluation of that step was cut short, and is to be made anew
 * @param options the settings
 * @param adapter what is trained; valid during the run, not to be changed
 * @param reranker asks with that adapter
 * @param folder where the run is kept, if it is
 * @param provenance what its numbers come from: model, data, settings
 */
public record TrainingStart(
    int step,
    boolean resumed,
    boolean unevaluated,
    TrainingOptions options,
    LoraAdapter adapter,
    Reranker reranker,
    Optional<RunFolder> folder,
    Map<String, String> provenance) {
  /** Copies the map. */
  public TrainingStart {
    provenance = Map.copyOf(provenance);
  }

  /**
   * Opens a series of the run's folder where it goes on: what it holds of later steps, left by a
   * process that was killed, is taken off. One that is written by evaluations is an {@link
   * #evaluationSeries}.
   *
   * @param name the file's name, such as {@code gradients.jsonl}
   * @return the series; empty where the run has no folder
   * @throws TrainingException if the file cannot be read
   */
  public Optional<StepLog> series(String name) {
    return upTo(step, name);
  }

  /**
   * Opens a series that has its lines from evaluations; see {@link #series}. Those of an evaluation
   * that is made anew are taken off too.
   *
   * @param name the file's name, such as {@code lens.jsonl}
   * @return the series; empty where the run has no folder
   * @throws TrainingException if the file cannot be read
   */
  public Optional<StepLog> evaluationSeries(String name) {
    return upTo(unevaluated ? step - 1 : step, name);
  }

  private Optional<StepLog> upTo(int last, String name) {
    return folder.map(
        f -> {
          StepLog log = new StepLog(f.path().resolve(name));
          log.keepUpTo(resumed ? last : -1);
          return log;
        });
  }
}
