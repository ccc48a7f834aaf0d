package io.github.lorascope.ablation;

/** Is told how far an analysis has come, on the thread that computes it. */
@FunctionalInterface
public interface Progress {
  /** Tells nobody. */
  Progress SILENT = (done, total) -> {};

  /**
   * A part is done.
   *
   * @param done pairs that have been asked about
   * @param total pairs to ask about
   */
  void done(int done, int total);
}
