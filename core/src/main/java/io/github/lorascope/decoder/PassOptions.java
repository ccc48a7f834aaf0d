package io.github.lorascope.decoder;

/**
 * How a forward pass is done.
 *
 * @param training whether what the backward pass needs is kept
 * @param dropout rate of the dropout before the LoRA paths; heeded in training only
 * @param seed chooses the dropout masks of this pass
 * @param recompute whether layers keep only their input and are computed again for the backward
 *     pass: about a quarter slower, for a small part of the memory
 */
public record PassOptions(boolean training, double dropout, long seed, boolean recompute) {
  /** Scoring: nothing is kept. */
  public static final PassOptions SCORING = new PassOptions(false, 0, 0, false);

  /**
   * Training with everything kept.
   *
   * @param dropout rate of the dropout before the LoRA paths
   * @param seed chooses the dropout masks of this pass
   * @return the options
   */
  public static PassOptions training(double dropout, long seed) {
    return new PassOptions(true, dropout, seed, false);
  }
}
