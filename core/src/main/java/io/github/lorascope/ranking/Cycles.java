package io.github.lorascope.ranking;

/**
 * Triples of items whose answers fit no order: a is preferred to b, b to c, and c to a (M. G.
 * Kendall and B. Babington Smith, "On the method of paired comparisons", 1940). A tie is part of no
 * cycle.
 *
 * @param intransitive how many there are
 * @param triples how many there could be at most: those of which every two items were compared
 */
public record Cycles(long intransitive, long triples) {
  static Cycles of(PairAnswers answers) {
    long intransitive = 0;
    long triples = 0;
    int n = answers.items();
    for (int a = 0; a < n; a++) {
      for (int b = a + 1; b < n; b++) {
        if (answers.compared(a, b)) {
          double ab = Math.signum(answers.margin(a, b));
          for (int c = b + 1; c < n; c++) {
            if (answers.compared(b, c) && answers.compared(a, c)) {
              triples++;
              double bc = Math.signum(answers.margin(b, c));
              double ca = Math.signum(answers.margin(c, a));
              intransitive += ab != 0 && ab == bc && bc == ca ? 1 : 0;
            }
          }
        }
      }
    }
    return new Cycles(intransitive, triples);
  }
}
