package io.github.lorascope.examples;

import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;

/** A program that looks at the reranker of a finished run. */
abstract class Look implements Callable<Integer> {
  @Mixin private RunOptions run;

  @Override
  public final Integer call() {
    try (Subject subject = run.open()) {
      look(subject);
      return 0;
    }
  }

  /** Prints what is found, and keeps it in the run's folder. */
  abstract void look(Subject subject);
}
