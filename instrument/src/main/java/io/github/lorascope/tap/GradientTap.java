package io.github.lorascope.tap;

import io.github.lorascope.tensor.Tensor;
import io.github.lorascope.train.StepLog;
import io.github.lorascope.train.TrainingListener;
import io.github.lorascope.train.TrainingStart;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * Records, for every optimizer step and every layer, how large an adapter's gradients are and how
 * far the update moved it: see {@link GradientStep}. It reads the gradient once a step, after the
 * last of the step's passes. In a run with a folder it writes {@code gradients.jsonl} there, a line
 * a step.
 *
 * <pre>{@code
 * GradientTap gradients = GradientTap.perLayer().effectiveRankEvery(50);
 * TrainingRun done =
 *     Trainer.of(reranker, adapter)
 *         .data(new EpochSampler(triples, 0))
 *         .listen(gradients)
 *         .build()
 *         .run();
 * for (GradientStep step : gradients.steps()) {
 *   System.out.println(step.step() + ": late over early " + step.late() / step.early());
 * }
 * }</pre>
 */
public final class GradientTap implements TrainingListener {
  /** The name of the series in a run's folder. */
  public static final String FILE_NAME = "gradients.jsonl";

  private static final int RANK_EVERY = 10;

  private final int rankEvery;
  private final List<GradientStep> steps = new ArrayList<>();
  private GradientMeter meter;
  private Optional<StepLog> series = Optional.empty();
  private int lastStep;

  private GradientTap(int rankEvery) {
    this.rankEvery = rankEvery;
  }

  /**
   * Makes a tap that measures each layer, and the effective rank every 10 steps.
   *
   * @return the tap, for one training at a time
   */
  public static GradientTap perLayer() {
    return new GradientTap(RANK_EVERY);
  }

  /**
   * Sets how often the effective rank is computed, which costs more than the rest.
   *
   * @param every steps from one to the next, the training's last step included; 0: never
   * @return a new tap
   */
  public GradientTap effectiveRankEvery(int every) {
    if (every < 0) {
      throw new IllegalArgumentException(
          "effective rank every " + every + ": it must be 0 or more");
    }
    return new GradientTap(every);
  }

  /**
   * Returns what it saw of the training that started last. Of a resumed training that is what came
   * after; its run folder has the whole series.
   *
   * @return the steps, ascending; a view, to be read on the thread that trains or after it
   */
  public List<GradientStep> steps() {
    return Collections.unmodifiableList(steps);
  }

  @Override
  public void started(TrainingStart start) {
    steps.clear();
    meter = new GradientMeter(start.adapter());
    series = start.series(FILE_NAME);
    lastStep = start.options().steps();
  }

  @Override
  public void gradient(int step, Tensor gradient) {
    meter.gradient(gradient);
  }

  @Override
  public void clipped(int step, Tensor gradient) {
    meter.clipped(gradient);
  }

  @Override
  public void updated(int step, Tensor parameters) {
    boolean rank = rankEvery > 0 && (step % rankEvery == 0 || step == lastStep);
    GradientStep measured = meter.updated(step, parameters, rank);
    steps.add(measured);
    series.ifPresent(log -> log.append(step, measured.line()));
  }
}
