package io.github.lorascope.train;

import io.github.lorascope.io.AtomicFiles;
import io.github.lorascope.io.Folders;
import io.github.lorascope.io.IoReason;
import io.github.lorascope.json.Json;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The files of a run: {@code adapter/} (PEFT's form), {@code metrics.jsonl} (a line a step), {@code
 * state.safetensors} (what resuming needs), {@code provenance.json} (model, data and settings that
 * the numbers of the folder come from) and, where the caller of a training writes one, {@code
 * summary.json}.
 */
public final class RunFolder {
  private final Path folder;

  /**
   * Names a folder; nothing is written yet.
   *
   * @param folder the folder
   */
  public RunFolder(Path folder) {
    this.folder = folder;
  }

  /**
   * Returns the folder.
   *
   * @return the folder
   */
  public Path path() {
    return folder;
  }

  /**
   * Returns where the adapter is kept.
   *
   * @return the folder of PEFT's files
   */
  public Path adapter() {
    return folder.resolve("adapter");
  }

  /**
   * Returns where a {@link BestAdapter} belongs.
   *
   * @return the folder of PEFT's files
   */
  public Path best() {
    return folder.resolve("best");
  }

  /**
   * Returns where the steps are recorded.
   *
   * @return the file, a JSON object a line
   */
  public Path metrics() {
    return folder.resolve("metrics.jsonl");
  }

  /**
   * Returns where the run is summed up.
   *
   * @return the file, one JSON object
   */
  public Path summary() {
    return folder.resolve("summary.json");
  }

  /**
   * Returns where it says what its files come from.
   *
   * @return the file, one JSON object
   */
  public Path provenance() {
    return folder.resolve("provenance.json");
  }

  Path state() {
    return folder.resolve("state.safetensors");
  }

  /** Whether there is a run to go on with; one without its state is refused. */
  boolean holdsRun() {
    if (Files.exists(state())) {
      return true;
    }
    if (Files.exists(adapter().resolve("adapter_model.safetensors"))) {
      throw new TrainingException(
          folder
              + " holds an adapter, which would be written over, but no state.safetensors to go on"
              + " from: put that file back, or choose another folder");
    }
    return false;
  }

  /** Makes the folder, and keeps other trainings out of it. */
  RunLock lock() {
    create();
    return RunLock.of(folder);
  }

  private void create() {
    try {
      Folders.create(folder);
    } catch (FileAlreadyExistsException e) {
      throw new TrainingException(
          "cannot make the folder " + folder + ": " + e.getFile() + " is a file", e);
    } catch (IOException e) {
      throw new TrainingException("cannot make the folder " + folder + ": " + IoReason.of(e), e);
    }
  }

  void writeProvenance(Map<String, String> values) {
    AtomicFiles.writeString(provenance(), Json.writePretty(values));
  }

  /** Adds a step's line; the evaluation is that after the step, or null. */
  void append(StepRecord step, Evaluation evaluation) {
    new StepLog(metrics()).append(step.step(), line(step, evaluation));
  }

  static Map<String, Object> line(StepRecord step, Evaluation evaluation) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("loss", step.loss());
    line.put("smoothed_loss", step.smoothedLoss());
    line.put("accuracy", step.accuracy());
    line.put("mean_p_correct", step.meanProbability());
    line.put("learning_rate", step.learningRate());
    line.put("gradient_norm", step.gradientNorm());
    line.put("tokens", step.tokens());
    line.put("peak_memory_bytes", step.peakMemoryBytes());
    if (evaluation != null) {
      line.put("eval_accuracy", evaluation.accuracy().accuracy());
      line.put("eval_accuracy_low", evaluation.accuracy().low());
      line.put("eval_accuracy_high", evaluation.accuracy().high());
      line.put("eval_n", evaluation.accuracy().trials());
      line.put("eval_mean_p_correct", evaluation.meanProbability());
      line.put("eval_loss", evaluation.loss());
    }
    return line;
  }

  /**
   * Writes the summary.
   *
   * @param values what to say, in order
   */
  public void writeSummary(Map<String, Object> values) {
    AtomicFiles.writeString(summary(), Json.writePretty(values));
  }
}
