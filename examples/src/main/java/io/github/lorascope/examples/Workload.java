package io.github.lorascope.examples;

import io.github.lorascope.decoder.TokenBatch;

/** What a benchmark times. */
interface Workload extends AutoCloseable {
  /** Goes through what a training step computes. */
  void train(TokenBatch tokens);

  /** Goes through what scoring computes. */
  void score(TokenBatch tokens);

  @Override
  void close();
}
