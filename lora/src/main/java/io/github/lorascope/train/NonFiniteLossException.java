package io.github.lorascope.train;

/** The loss or the gradient became NaN or infinite. */
public class NonFiniteLossException extends TrainingException {
  private static final long serialVersionUID = 1L;

  private final int step;

  /**
   * Creates an exception.
   *
   * @param step the step, from 1
   * @param what what is not finite, and its value
   */
  public NonFiniteLossException(int step, String what) {
    super(
        what
            + " at step "
            + step
            + ": training stopped; the last adapter whose numbers are finite is kept."
            + " Lower the learning rate, or clip the gradient");
    this.step = step;
  }

  /**
   * Returns when it happened.
   *
   * @return the step, from 1
   */
  public int step() {
    return step;
  }
}
