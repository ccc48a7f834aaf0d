package io.github.lorascope.probe;

import java.util.stream.IntStream;

/**
 * Deals samples to folds so that each fold has the labels in the proportion of the whole, in the
 * order of the samples. The dealing is that of scikit-learn's StratifiedKFold without shuffling, so
 * that accuracies can be compared fold by fold.
 */
final class StratifiedFolds {
  private final int[] foldOfSample;

  /** Labels are 0 or 1. */
  StratifiedFolds(int[] labels, int folds) {
    int first = labels[0];
    int countOfFirst = (int) IntStream.of(labels).filter(label -> label == first).count();
    foldOfSample = new int[labels.length];
    // Sorted by label (the one that comes first in the data leads), sample i would go to fold
    // i mod folds; a fold's share of each label is counted there and filled in data order.
    int[] shareOfFirst = new int[folds];
    int[] shareOfOther = new int[folds];
    for (int i = 0; i < labels.length; i++) {
      (i < countOfFirst ? shareOfFirst : shareOfOther)[i % folds]++;
    }
    int foldForFirst = 0;
    int foldForOther = 0;
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] == first) {
        while (shareOfFirst[foldForFirst] == 0) {
          foldForFirst++;
        }
        shareOfFirst[foldForFirst]--;
        foldOfSample[i] = foldForFirst;
      } else {
        while (shareOfOther[foldForOther] == 0) {
          foldForOther++;
        }
        shareOfOther[foldForOther]--;
        foldOfSample[i] = foldForOther;
      }
    }
  }

  /** The samples held out in a fold, ascending. */
  int[] test(int fold) {
    return IntStream.range(0, foldOfSample.length).filter(i -> foldOfSample[i] == fold).toArray();
  }

  /** The samples that a fold trains on, ascending. */
  int[] train(int fold) {
    return IntStream.range(0, foldOfSample.length).filter(i -> foldOfSample[i] != fold).toArray();
  }
}
