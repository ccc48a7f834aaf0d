package io.github.lorascope.train;

import io.github.lorascope.checkpoint.SafetensorsFile;
import io.github.lorascope.checkpoint.SafetensorsWriter;
import io.github.lorascope.json.Json;
import io.github.lorascope.json.JsonObject;
import io.github.lorascope.metric.Proportion;
import io.github.lorascope.rerank.ModelIdentity;
import io.github.lorascope.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Everything that a run's next step depends on, in one file that is replaced whole: parameters,
 * both moments, and the counts. Data order and dropout follow from the seed and the step.
 *
 * @param step steps done
 * @param lossMean the exponential mean of the losses, not yet corrected for its start
 * @param tokens tokens trained on
 * @param seconds time spent in steps
 * @param before evaluation of the untrained model
 * @param after evaluation after the last step
 * @param unevaluated the last step done, if it is still to be evaluated
 * @param settings what must be the same when the run goes on
 */
record TrainingState(
    int step,
    double lossMean,
    long tokens,
    double seconds,
    Optional<Evaluation> before,
    Optional<Evaluation> after,
    Optional<StepRecord> unevaluated,
    Map<String, String> settings) {
  private static final List<String> OF_DATA =
      List.of(
          TrainingSettings.DATA_HASH, TrainingSettings.DATA_SEED, TrainingSettings.EVALUATION_HASH);

  /** Checks the counts. */
  TrainingState {
    if (step < 0 || tokens < 0 || !(seconds >= 0)) {
      throw new IllegalArgumentException(
          step + " steps, " + tokens + " tokens and " + seconds + " seconds");
    }
  }

  void write(Path file, Tensor parameters, Tensor moment1, Tensor moment2) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("step", step);
    json.put("loss_mean", lossMean);
    json.put("tokens", tokens);
    json.put("seconds", seconds);
    before.ifPresent(e -> json.put("before", toJson(e)));
    after.ifPresent(e -> json.put("after", toJson(e)));
    unevaluated.ifPresent(record -> json.put("unevaluated", RunFolder.line(record, null)));
    json.put("settings", settings);
    new SafetensorsWriter()
        .metadata("state", Json.write(json))
        .f32("parameters", parameters.toArray(), parameters.columns())
        .f32("moment1", moment1.toArray(), moment1.columns())
        .f32("moment2", moment2.toArray(), moment2.columns())
        .write(file);
  }

  /** Reads a state into the three buffers; nothing is changed if the settings differ. */
  static TrainingState read(
      Path file, Map<String, String> settings, Tensor parameters, Tensor moment1, Tensor moment2) {
    SafetensorsFile tensors = SafetensorsFile.open(file);
    String text = tensors.metadata().get("state");
    if (text == null) {
      throw new TrainingException(
          file + " is not the state of a training: it has no 'state' in its metadata");
    }
    JsonObject json = Json.parse(text, file.toString());
    Map<String, String> stored = json.object("settings").texts();
    checkSame(file, completed(stored, settings), settings);
    fill(tensors, file, "parameters", -Float.MAX_VALUE, parameters);
    fill(tensors, file, "moment1", -Float.MAX_VALUE, moment1);
    fill(tensors, file, "moment2", 0, moment2);
    int step = json.integer("step");
    try {
      return new TrainingState(
          step,
          json.number("loss_mean"),
          (long) json.number("tokens"),
          json.number("seconds"),
          evaluation(json, "before"),
          evaluation(json, "after"),
          unevaluated(json, step),
          stored);
    } catch (IllegalArgumentException e) {
      throw new TrainingException(file + " is damaged: " + e.getMessage(), e);
    }
  }

  /** Versions that did not know the data are taken to have had the same; any may go on. */
  private static Map<String, String> completed(
      Map<String, String> stored, Map<String, String> settings) {
    Map<String, String> values = ModelIdentity.completed(stored, settings);
    values.remove(TrainingSettings.VERSION);
    if (!stored.containsKey(TrainingSettings.DATA_SEED)) {
      for (String name : OF_DATA) {
        if (settings.containsKey(name)) {
          values.putIfAbsent(name, settings.get(name));
        }
      }
    }
    return values;
  }

  private static void checkSame(Path file, Map<String, String> stored, Map<String, String> wanted) {
    List<String> differences = new ArrayList<>();
    Set<String> names = new TreeSet<>(wanted.keySet());
    names.addAll(stored.keySet());
    for (String name : names) {
      String was = stored.getOrDefault(name, "not given");
      String is = wanted.getOrDefault(name, "not given");
      if (!is.equals(was)) {
        differences.add(name + " was " + was + " and is now " + is);
      }
    }
    if (!differences.isEmpty()) {
      throw new TrainingException(
          "the run in "
              + file.toAbsolutePath().getParent()
              + " cannot go on with other settings: "
              + String.join("; ", differences)
              + ". Use the same settings, or another folder");
    }
  }

  private static void fill(
      SafetensorsFile tensors, Path file, String name, float least, Tensor target) {
    long count = tensors.info(name).elements();
    if (count != target.columns()) { // before they take memory
      throw new TrainingException(
          file
              + ": "
              + name
              + " has "
              + count
              + " numbers, but this adapter has "
              + target.columns());
    }
    float[] values = tensors.floats(name);
    for (float value : values) {
      if (!(value >= least && value <= Float.MAX_VALUE)) {
        throw new TrainingException(file + " is damaged: " + name + " has " + value);
      }
    }
    target.set(values);
  }

  private static Map<String, Object> toJson(Evaluation e) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("right", e.accuracy().successes());
    json.put("n", e.accuracy().trials());
    json.put("mean_p_correct", e.meanProbability());
    json.put("loss", e.loss());
    json.put("tokens", e.tokens());
    return json;
  }

  private static Optional<StepRecord> unevaluated(JsonObject json, int step) {
    if (!json.has("unevaluated")) {
      return Optional.empty();
    }
    JsonObject r = json.object("unevaluated");
    return Optional.of(
        new StepRecord(
            step,
            r.number("loss"),
            r.number("smoothed_loss"),
            r.number("accuracy"),
            r.number("mean_p_correct"),
            r.number("learning_rate"),
            r.number("gradient_norm"),
            (long) r.number("tokens"),
            (long) r.number("peak_memory_bytes")));
  }

  private static Optional<Evaluation> evaluation(JsonObject json, String name) {
    if (!json.has(name)) {
      return Optional.empty();
    }
    JsonObject e = json.object(name);
    return Optional.of(
        new Evaluation(
            new Proportion(e.integer("right"), e.integer("n")),
            e.number("mean_p_correct"),
            e.number("loss"),
            e.longInteger("tokens")));
  }
}
