package io.github.lorascope.train;

import java.util.Optional;

/**
 * What a training came to.
 *
 * @param steps steps done
 * @param pairs pairs trained on
 * @param tokens tokens trained on
 * @param seconds time spent in steps, evaluation not counted, over all resumptions
 * @param before evaluation of the untrained model
 * @param after evaluation after the last step; empty if it was interrupted before the end of that
 * @param isFinished whether the last step and the evaluation after it, if there is one, are done
 */
public record TrainingRun(
    int steps,
    long pairs,
    long tokens,
    double seconds,
    Optional<Evaluation> before,
    Optional<Evaluation> after,
    boolean isFinished) {
  /**
   * Returns the speed of training.
   *
   * @return tokens a second; 0 before the first step
   */
  public double tokensPerSecond() {
    return seconds == 0 ? 0 : tokens / seconds;
  }
}
