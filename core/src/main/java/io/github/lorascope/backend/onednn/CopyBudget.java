package io.github.lorascope.backend.onednn;

import io.github.lorascope.backend.BackendOptions;
import io.github.lorascope.weights.Weight;
import io.github.lorascope.weights.WeightForm;

/**
 * Decides which weights keep a copy in the form that products are computed with. Where the caller
 * has said how much memory there is, copies take up to half of what converted weights leave of it.
 * Else they take up to half of the machine's, less that; but who holds a model in few bits does so
 * because memory is short, so that copies of such weights are kept only where all of them take a
 * sixteenth of the machine's. What is answered depends on the weights alone, not on what else was
 * held when they asked. Thread-safe.
 */
final class CopyBudget {
  private static final int FEW = 16;

  private final long memory;
  private final long mostOfSmall;

  /** Bytes of weights that were converted while loading. */
  private long converted;

  /** Bytes that one copy of every weight would take. */
  private long ofAll;

  /** Bytes that one copy of every weight in few bits would take. */
  private long ofSmall;

  /** Bytes of the copies that weights keep, made already or not. */
  private long promised;

  /**
   * Creates a budget.
   *
   * @param cap the most bytes that the backend may hold
   * @param capped whether the cap was asked for
   * @param machine bytes of memory of the machine
   */
  CopyBudget(long cap, boolean capped, long machine) {
    this.memory = capped ? cap : machine;
    this.mostOfSmall = capped ? Long.MAX_VALUE : machine / FEW;
  }

  static CopyBudget of(BackendOptions options) {
    return new CopyBudget(options.memoryCap(), HostMemory.capped(options), HostMemory.all());
  }

  /**
   * Counts a weight that was converted, before any of its decoder is asked for.
   *
   * @param bytes what it takes
   * @return takes it away again
   */
  synchronized AutoCloseable reserve(long bytes) {
    converted += bytes;
    return () -> {
      synchronized (this) {
        converted -= bytes;
      }
    };
  }

  private long most() {
    return (memory - converted) / 2;
  }

  /**
   * Counts a weight, before any of its decoder is asked for.
   *
   * @param weight the weight
   * @param bytes what a copy would take
   */
  synchronized Share share(Weight weight, long bytes) {
    Share share = new Share(weight, bytes);
    ofAll += bytes;
    ofSmall += share.small ? bytes : 0;
    return share;
  }

  /** A weight's part in the budget. */
  final class Share implements AutoCloseable {
    private final long bytes;
    private final boolean small;
    private long kept;

    private Share(Weight weight, long bytes) {
      this.bytes = bytes;
      this.small = weight.form() == WeightForm.NF4 || weight.form() == WeightForm.GGUF;
    }

    /** Asks, once, whether a copy of the weight is kept; if so it counts until this is closed. */
    boolean keep() {
      synchronized (CopyBudget.this) {
        return keep(bytes, mostOfSmall);
      }
    }

    /**
     * The same for two copies: they are kept where every weight may have two, as one of each is
     * worth more than two of some.
     */
    boolean keepTwice() {
      synchronized (CopyBudget.this) {
        return ofAll <= most() / 2 && keep(2 * bytes, mostOfSmall / 2);
      }
    }

    private boolean keep(long asked, long ofSmallAtMost) {
      if (asked > most() - promised || (small && ofSmall > ofSmallAtMost)) {
        return false;
      }
      kept = asked;
      promised += asked;
      return true;
    }

    /** Takes the weight out of the budget. */
    @Override
    public void close() {
      synchronized (CopyBudget.this) {
        ofAll -= bytes;
        ofSmall -= small ? bytes : 0;
        promised -= kept;
      }
    }
  }
}
