package io.github.lorascope.backend.cuda;

import io.github.lorascope.backend.BackendException;

/**
 * Keeps the first lasting failure in view: after it every call fails, and whichever is seen last,
 * of a tensor that was to be saved, say, would tell nothing of the cause. Thread-safe.
 */
final class FirstFault {
  private BackendException first;

  /**
   * Returns what to throw.
   *
   * @param report what failed
   * @param lasting whether nothing can succeed after it
   */
  synchronized BackendException after(String report, boolean lasting) {
    if (first != null) {
      return new BackendException(first.getMessage() + " (now " + report + ")", first);
    }
    if (!lasting) {
      return new BackendException(report + ": use the backend 'onednn', and report it");
    }
    first =
        new BackendException(
            report
                + ", and nothing runs on the GPU any more: start the program anew. The fault may be"
                + " that of a kernel started earlier; CUDA_LAUNCH_BLOCKING=1 in the environment"
                + " shows which");
    return first;
  }

  /** Forgets it, where there is a new beginning. */
  synchronized void forget() {
    first = null;
  }
}
