package io.github.lorascope.backend;

import io.github.lorascope.weights.Weight;

/**
 * A weight as one backend computes with it; made by {@link Backend#prepare}, freed with the scope
 * it was made in.
 */
public interface BackendWeight {
  /**
   * Returns the weight it was derived from.
   *
   * @return the weight [outputs, inputs]
   */
  Weight weight();
}
