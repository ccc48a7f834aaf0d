package io.github.lorascope.backend;

/** Which way a linear layer is gone through. */
public enum Direction {
  /** From its input to its output. */
  FORWARD,

  /** From the gradient of its output to that of its input. */
  BACKWARD
}
