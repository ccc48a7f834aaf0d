package io.github.lorascope.train;

import io.github.lorascope.tensor.Tensor;

/**
 * Sees a training as it goes, on the thread that trains. Its methods are called in the order they
 * stand in: an evaluation at the start, where the model is untrained, and then for every step the
 * gradients, the update, the step and its evaluation. What is recorded in them is recorded before
 * the step's checkpoint, so that nothing is lacking when a run is resumed.
 */
public interface TrainingListener {
  /**
   * The training starts, before its first evaluation, or goes on.
   *
   * @param start what it starts with
   */
  default void started(TrainingStart start) {}

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
   * The residual stream's gradient of one pass of a step, on the way back.
   *
   * @param step the step under way, from 1
   * @param layers how many layers the states have passed
   * @param gradient see {@link io.github.lorascope.decoder.GradientListener}; valid during the
   *     call, not to be changed
   */
  default void residualGradient(int step, int layers, Tensor gradient) {}

  /**
   * The adapter's gradient of a step, added up over its passes, before clipping.
   *
   * @param step the step under way, from 1
   * @param gradient in the arrangement of the adapter's parameters [1, parameters]; valid during
   *     the call, not to be changed
   */
  default void gradient(int step, Tensor gradient) {}

  /**
   * The adapter's gradient as the optimizer takes it; the parameters are still those before the
   * update.
   *
   * @param step the step under way, from 1
   * @param gradient after clipping [1, parameters]; valid during the call, not to be changed
   */
  default void clipped(int step, Tensor gradient) {}

  /**
   * The parameters have been updated.
   *
   * @param step the step under way, from 1
   * @param parameters after the update [1, parameters]; not to be changed
   */
  default void updated(int step, Tensor parameters) {}

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
