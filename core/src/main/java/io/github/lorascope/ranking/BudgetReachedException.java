package io.github.lorascope.ranking;

/** Ends a strategy in the middle; it never leaves the package. */
final class BudgetReachedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  BudgetReachedException() {
    super("the budget is reached", null, false, false);
  }
}
