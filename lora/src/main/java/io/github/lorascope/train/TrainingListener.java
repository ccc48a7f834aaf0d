package io.github.lorascope.train;

/** Sees a training as it goes, on the thread that trains. */
public interface TrainingListener {
  /**
   * The training starts or goes on.
   *
   * @param fromStep steps done before
   * @param options the settings
   */
  default void started(int fromStep, TrainingOptions options) {}

  /**
   * An evaluation is under way.
   *
   * @param done pairs answered
   * @param total pairs to answer
   */
  default void evaluating(int done, int total) {}

  /**
   * An evaluation is done.
   *
   * @param step steps done before it; 0: the untrained model
   * @param evaluation its result
   */
  default void evaluated(int step, Evaluation evaluation) {}

  /**
   * A step is done.
   *
   * @param record what it was like
   */
  default void stepDone(StepRecord record) {}

  /**
   * The training ends, at its last step or because it was interrupted.
   *
   * @param run what it came to
   */
  default void finished(TrainingRun run) {}
}
