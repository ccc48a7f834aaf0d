package io.github.lorascope.train;

import io.github.lorascope.lora.LoraAdapter;

/**
 * The settings of a training.
 *
 * @param steps updates of the parameters
 * @param batch pairs in one pass
 * @param accumulate passes in one step
 * @param learningRate the peak learning rate
 * @param schedule how it goes
 * @param warmup steps until the peak
 * @param weightDecay AdamW's weight decay
 * @param clip the most that the norm of the gradient may be; 0: any
 * @param seed of the dropout masks; order and positions of the data are the sampler's
 * @param evaluateEvery steps from one evaluation to the next; 0: before and after only
 * @param checkpointEvery steps from one checkpoint to the next
 * @param recompute whether to compute layers twice to save memory
 * @param trainHead whether the head is trained beside the LoRA paths, or stays as it starts
 */
public record TrainingOptions(
    int steps,
    int batch,
    int accumulate,
    double learningRate,
    Schedule schedule,
    int warmup,
    double weightDecay,
    double clip,
    long seed,
    int evaluateEvery,
    int checkpointEvery,
    boolean recompute,
    boolean trainHead) {
  /** Checks the numbers. */
  public TrainingOptions {
    require(steps >= 1, "steps", steps, "at least 1");
    require(batch >= 1, "batch", batch, "at least 1");
    require(accumulate >= 1, "accumulate", accumulate, "at least 1");
    require(
        learningRate > 0 && learningRate < Double.POSITIVE_INFINITY,
        "learning rate",
        learningRate,
        "above 0 and finite");
    require(warmup >= 0, "warmup", warmup, "0 or more");
    require(
        weightDecay >= 0 && weightDecay < Double.POSITIVE_INFINITY,
        "weight decay",
        weightDecay,
        "0 or more and finite");
    require(clip >= 0, "clip", clip, "0 or more");
    require(evaluateEvery >= 0, "evaluate every", evaluateEvery, "0 or more");
    require(checkpointEvery >= 1, "checkpoint every", checkpointEvery, "at least 1");
  }

  private static void require(boolean holds, String name, Number value, String bound) {
    if (!holds) {
      throw new TrainingException(name + " " + value + ": it must be " + bound);
    }
  }

  /**
   * Begins with the defaults: 1,000 steps of 16 pairs, 1e-4 with cosine and a warm-up of a tenth of
   * the steps, at most 100, clipped at 1.
   *
   * @return the builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Counts what is trained of an adapter, which lies before the rest in its buffer.
   *
   * @param adapter the adapter
   * @return all its parameters, or those of its paths alone
   */
  public long trainedParameters(LoraAdapter adapter) {
    return trainHead ? adapter.parameters().columns() : adapter.pathParameters();
  }

  /**
   * Begins with these settings.
   *
   * @return the builder
   */
  public Builder toBuilder() {
    return new Builder()
        .steps(steps)
        .batch(batch)
        .accumulate(accumulate)
        .learningRate(learningRate)
        .schedule(schedule, warmup)
        .weightDecay(weightDecay)
        .clip(clip)
        .seed(seed)
        .evaluateEvery(evaluateEvery)
        .checkpointEvery(checkpointEvery)
        .recompute(recompute)
        .trainHead(trainHead);
  }

  /** Gathers settings. */
  public static final class Builder {
    private static final int MOST_WARMUP = 100;

    private int steps = 1000;
    private int batch = 16;
    private int accumulate = 1;
    private double learningRate = 1e-4;
    private Schedule schedule = Schedule.COSINE;
    private Integer warmup;
    private double weightDecay;
    private double clip = 1;
    private long seed;
    private int evaluateEvery;
    private int checkpointEvery = 20;
    private boolean recompute;
    private boolean trainHead = true;

    private Builder() {}

    /**
     * Sets the number of updates.
     *
     * @param count at least 1
     * @return this
     */
    public Builder steps(int count) {
      steps = count;
      return this;
    }

    /**
     * Sets the pairs in one pass.
     *
     * @param pairs at least 1
     * @return this
     */
    public Builder batch(int pairs) {
      batch = pairs;
      return this;
    }

    /**
     * Sets the passes in one step.
     *
     * @param passes at least 1
     * @return this
     */
    public Builder accumulate(int passes) {
      accumulate = passes;
      return this;
    }

    /**
     * Sets the peak learning rate.
     *
     * @param rate above 0
     * @return this
     */
    public Builder learningRate(double rate) {
      learningRate = rate;
      return this;
    }

    /**
     * Sets how the learning rate goes, with the warm-up of the defaults.
     *
     * @param value the schedule
     * @return this
     */
    public Builder schedule(Schedule value) {
      schedule = value;
      return this;
    }

    /**
     * Sets how the learning rate goes.
     *
     * @param value the schedule
     * @param warmupSteps steps until the peak
     * @return this
     */
    public Builder schedule(Schedule value, int warmupSteps) {
      schedule = value;
      warmup = warmupSteps;
      return this;
    }

    /**
     * Sets AdamW's weight decay.
     *
     * @param decay 0 or more
     * @return this
     */
    public Builder weightDecay(double decay) {
      weightDecay = decay;
      return this;
    }

    /**
     * Sets the bound of the gradient's norm.
     *
     * @param norm 0: none
     * @return this
     */
    public Builder clip(double norm) {
      clip = norm;
      return this;
    }

    /**
     * Sets the seed of the dropout masks; order and positions of the data are the sampler's.
     *
     * @param value the seed
     * @return this
     */
    public Builder seed(long value) {
      seed = value;
      return this;
    }

    /**
     * Sets how often to evaluate.
     *
     * @param every steps; 0: before and after only
     * @return this
     */
    public Builder evaluateEvery(int every) {
      evaluateEvery = every;
      return this;
    }

    /**
     * Sets how often to write a checkpoint.
     *
     * @param every steps, at least 1
     * @return this
     */
    public Builder checkpointEvery(int every) {
      checkpointEvery = every;
      return this;
    }

    /**
     * Sets whether to compute layers twice to save memory.
     *
     * @param on whether to
     * @return this
     */
    public Builder recompute(boolean on) {
      recompute = on;
      return this;
    }

    /**
     * Sets whether the head is trained too. One that was never trained has to be; that of the
     * language model itself ({@link LoraAdapter.Builder#headOf}) need not.
     *
     * @param on false: the LoRA paths alone are trained, and the gradient is theirs
     * @return this
     */
    public Builder trainHead(boolean on) {
      trainHead = on;
      return this;
    }

    /**
     * Makes the options.
     *
     * @return the options
     * @throws TrainingException if a number is out of range
     */
    public TrainingOptions build() {
      return new TrainingOptions(
          steps,
          batch,
          accumulate,
          learningRate,
          schedule,
          warmup == null ? Math.min(MOST_WARMUP, steps / 10) : warmup,
          weightDecay,
          clip,
          seed,
          evaluateEvery,
          checkpointEvery,
          recompute,
          trainHead);
    }
  }
}
