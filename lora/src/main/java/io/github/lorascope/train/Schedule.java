package io.github.lorascope.train;

import java.util.Locale;

/**
 * How the learning rate goes over a run of n steps. At step s = 0, 1, ... it is the peak rate times
 * {@code min(1, (s + 1) / warmup)} times the factor below.
 */
public enum Schedule {
  /** 1. */
  CONSTANT,
  /** 1 - s / n. */
  LINEAR,
  /** (1 + cos(pi s / n)) / 2. */
  COSINE;

  /**
   * Returns the factor of a step, warm-up included.
   *
   * @param step the step, from 0
   * @param steps steps of the whole run
   * @param warmup steps until the peak rate; 0: none
   * @return the factor, from 0 to 1
   */
  public double factor(int step, int steps, int warmup) {
    double rising = warmup == 0 ? 1 : Math.min(1, (step + 1) / (double) warmup);
    double done = step / (double) steps;
    return rising
        * switch (this) {
          case CONSTANT -> 1;
          case LINEAR -> 1 - done;
          case COSINE -> (1 + Math.cos(Math.PI * done)) / 2;
        };
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
