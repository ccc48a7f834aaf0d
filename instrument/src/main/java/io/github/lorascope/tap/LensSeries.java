package io.github.lorascope.tap;

import io.github.lorascope.data.PairExample;
import io.github.lorascope.metric.Proportion;
import io.github.lorascope.rerank.Reranker;
import io.github.lorascope.train.Evaluation;
import io.github.lorascope.train.StepLog;
import io.github.lorascope.train.TrainingListener;
import io.github.lorascope.train.TrainingStart;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A {@link Lens} at every evaluation of a training, the first on the untrained model: a line of
 * {@code lens.jsonl} each, with {@code n} and, over the layers from 0, {@code layers}, {@code
 * accuracy} with its interval, {@code mean_p_correct} and {@code margin}. It goes on when the run
 * is resumed. Holds one training at a time.
 */
public final class LensSeries implements TrainingListener {
  private final List<PairExample> pairs;
  private Reranker reranker;
  private Optional<StepLog> log = Optional.empty();
  private Optional<Lens> latest = Optional.empty();

  LensSeries(List<PairExample> pairs) {
    ExampleSet.of(pairs); // complains before hours of training
    this.pairs = List.copyOf(pairs);
  }

  /**
   * Returns what the last evaluation saw.
   *
   * @return the lens; empty before the first evaluation
   */
  public Optional<Lens> latest() {
    return latest;
  }

  @Override
  public void started(TrainingStart start) {
    reranker = start.reranker();
    log = start.evaluationSeries("lens.jsonl");
    latest = Optional.empty();
  }

  @Override
  public void evaluated(int step, Evaluation evaluation) {
    Lens lens = Lens.of(reranker, pairs);
    latest = Optional.of(lens);
    log.ifPresent(l -> l.append(step, line(lens)));
  }

  private static Map<String, Object> line(Lens lens) {
    List<Integer> layers = new ArrayList<>();
    List<Double> accuracy = new ArrayList<>();
    List<Double> low = new ArrayList<>();
    List<Double> high = new ArrayList<>();
    List<Double> probability = new ArrayList<>();
    List<Double> margin = new ArrayList<>();
    for (int passed = 0; passed <= lens.layers(); passed++) {
      Proportion right = lens.accuracy(passed);
      layers.add(passed);
      accuracy.add(right.accuracy());
      low.add(right.low());
      high.add(right.high());
      probability.add(lens.meanProbability(passed));
      margin.add(lens.margin(passed).mean());
    }
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("n", lens.labels().length);
    line.put("layers", layers);
    line.put("accuracy", accuracy);
    line.put("accuracy_low", low);
    line.put("accuracy_high", high);
    line.put("mean_p_correct", probability);
    line.put("margin", margin);
    return line;
  }
}
