package io.github.lorascope.train;

import io.github.lorascope.data.EpochSampler;
import io.github.lorascope.data.PairExample;
import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.lora.LoraAdapter;
import io.github.lorascope.rerank.Reranker;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a run's numbers depend on; a resumed run must have the same. */
final class TrainingSettings {
  /** Told, but not compared: a later version goes on with what an earlier one began. */
  static final String VERSION = "lorascope";

  static final String DATA_HASH = "data_sha256";
  static final String DATA_SEED = "data_seed";
  static final String EVALUATION_HASH = "evaluation_pairs_sha256";

  private TrainingSettings() {}

  /**
   * Puts the settings of a training into words.
   *
   * @param provenance where the model and the data come from
   * @param evaluation the pairs evaluated on; none: no evaluation
   * @return values by name
   */
  static Map<String, String> of(
      Map<String, String> provenance,
      EpochSampler data,
      List<PairExample> evaluation,
      TrainingOptions options,
      Reranker reranker,
      LoraAdapter adapter) {
    Map<String, String> values = new TreeMap<>(provenance);
    values.remove(VERSION);
    values.putIfAbsent(DATA_HASH, data.triples().sha256());
    values.put(DATA_SEED, Long.toString(data.seed()));
    if (!evaluation.isEmpty()) {
      values.put(EVALUATION_HASH, PairExample.sha256(evaluation));
    }
    values.put("steps", Integer.toString(options.steps()));
    values.put("batch", Integer.toString(options.batch()));
    values.put("accumulate", Integer.toString(options.accumulate()));
    values.put("learning_rate", Double.toString(options.learningRate()));
    values.put("schedule", options.schedule().toString());
    values.put("warmup", Integer.toString(options.warmup()));
    values.put("weight_decay", Double.toString(options.weightDecay()));
    values.put("clip", Double.toString(options.clip()));
    values.put("seed", Long.toString(options.seed()));
    values.put("adapter", adapter.config().toString());
    adapter.headStart().ifPresent(hash -> values.put("head_start_sha256", hash));
    if (!options.trainHead()) {
      values.put("head", "not trained"); // told only then, as earlier versions could not
    }
    values.putAll(reranker.settings().values());
    Decoder decoder = adapter.decoder();
    values.put("precision", decoder.precision().toString());
    values.put("quantization", decoder.options().quantization().toString());
    values.put("backend", decoder.backend().name());
    return values;
  }
}
