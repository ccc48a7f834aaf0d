package io.github.lorascope.probe;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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

  private StratifiedFolds(int[] foldOfSample) {
    this.foldOfSample = foldOfSample;
  }

  /**
   * Deals whole groups, so that no sample is tested by a probe that saw another of its group: the
   * largest first, each to the fold that has the least of its labels. Groups of one sample each are
   * dealt as without groups.
   */
  static StratifiedFolds keeping(int[] groups, int[] labels, int folds) {
    Map<Integer, List<Integer>> members = new LinkedHashMap<>();
    int[] totals = new int[2];
    for (int i = 0; i < groups.length; i++) {
      members.computeIfAbsent(groups[i], unused -> new ArrayList<>()).add(i);
      totals[labels[i]]++;
    }
    if (members.size() == groups.length) {
      return new StratifiedFolds(labels, folds);
    }
    int[] foldOfSample = new int[groups.length];
    double[][] dealt = new double[folds][2]; // shares of all samples of a label
    members.values().stream()
        .sorted(Comparator.comparingInt((List<Integer> group) -> group.size()).reversed())
        .forEach(
            group -> {
              double[] shares = new double[2];
              group.forEach(i -> shares[labels[i]] += 1.0 / totals[labels[i]]);
              int to =
                  IntStream.range(0, folds)
                      .boxed()
                      .min(
                          Comparator.comparingDouble(
                              f -> shares[0] * dealt[f][0] + shares[1] * dealt[f][1]))
                      .orElseThrow();
              dealt[to][0] += shares[0];
              dealt[to][1] += shares[1];
              group.forEach(i -> foldOfSample[i] = to);
            });
    return new StratifiedFolds(foldOfSample);
  }

  /**
   * Whether each fold has a sample to test, and to train on both labels and half as many samples as
   * it would have without groups.
   */
  boolean isComplete(int[] labels, int folds) {
    double usual = labels.length * (folds - 1.0) / folds;
    return IntStream.range(0, folds)
        .allMatch(
            fold -> {
              int[] train = train(fold);
              return train.length < labels.length
                  && train.length >= usual / 2
                  && IntStream.of(train).map(i -> labels[i]).distinct().count() == 2;
            });
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
