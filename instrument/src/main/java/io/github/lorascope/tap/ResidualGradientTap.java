package io.github.lorascope.tap;

import io.github.lorascope.backend.Backend;
import io.github.lorascope.tensor.Tensor;
import io.github.lorascope.train.StepLog;
import io.github.lorascope.train.StepRecord;
import io.github.lorascope.train.TrainingListener;
import io.github.lorascope.train.TrainingStart;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Records, for every optimizer step, how large the gradient of the loss with respect to the
 * residual stream is behind each layer: what backpropagation brings to the layers, apart from what
 * their adapters make of it. It is seen from the last layer down to the output of the lowest layer
 * that is trained. In a run with a folder it writes {@code residual.jsonl} there, a line a step.
 *
 * <pre>{@code
 * ResidualGradientTap residual = new ResidualGradientTap();
 * TrainingRun done =
 *     Trainer.of(reranker, adapter)
 *         .data(new EpochSampler(triples, 0))
 *         .listen(residual)
 *         .build()
 *         .run();
 * residual.steps().forEach(step -> System.out.println(step.step() + ": " + step.norms()));
 * }</pre>
 */
public final class ResidualGradientTap implements TrainingListener {
  /** The name of the series in a run's folder. */
  public static final String FILE_NAME = "residual.jsonl";

  private final List<Step> steps = new ArrayList<>();
  private final NavigableMap<Integer, Double> squares = new TreeMap<>();
  private Backend backend;
  private Optional<StepLog> series = Optional.empty();

  /** Makes a tap, for one training at a time. */
  public ResidualGradientTap() {}

  /**
   * One optimizer step.
   *
   * @param step the step, from 1
   * @param norms L2 norm, over all tokens of the step's passes, of the gradient of its mean loss,
   *     by how many layers the states have passed: N is behind layer N - 1, before the final norm
   */
  public record Step(int step, NavigableMap<Integer, Double> norms) {
    /** Copies the map. */
    public Step {
      norms = Collections.unmodifiableNavigableMap(new TreeMap<>(norms));
    }
  }

  /**
   * Returns what it saw of the training that started last. Of a resumed training that is what came
   * after; its run folder has the whole series.
   *
   * @return the steps, ascending; a view, to be read on the thread that trains or after it
   */
  public List<Step> steps() {
    return Collections.unmodifiableList(steps);
  }

  @Override
  public void started(TrainingStart start) {
    steps.clear();
    squares.clear();
    backend = start.adapter().decoder().backend();
    series = start.series(FILE_NAME);
  }

  @Override
  public void residualGradient(int step, int layers, Tensor gradient) {
    squares.merge(layers, backend.squaredNorm(gradient), Double::sum);
  }

  @Override
  public void stepDone(StepRecord record) {
    squares.replaceAll((layers, square) -> Math.sqrt(square));
    Step step = new Step(record.step(), squares);
    squares.clear();
    steps.add(step);
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("layers", List.copyOf(step.norms().keySet()));
    line.put("norm", List.copyOf(step.norms().values()));
    series.ifPresent(log -> log.append(step.step(), line));
  }
}
