package io.github.lorascope.probe;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class StratifiedFoldsTest {
  /** Expected values: the rule of scikit-learn's StratifiedKFold(3), worked by hand. */
  @Test
  void dealsAsScikitLearnDoes() {
    // Ones come first: ones 7, zeros 4. Sorted, the ones fall to folds 0120120, the zeros to
    // folds 1201; shares are ones 3 2 2 and zeros 1 2 1.
    int[] labels = {1, 1, 0, 1, 1, 0, 1, 0, 1, 0, 1};
    StratifiedFolds folds = new StratifiedFolds(labels, 3);
    assertArrayEquals(new int[] {0, 1, 2, 3}, folds.test(0));
    assertArrayEquals(new int[] {4, 5, 6, 7}, folds.test(1));
    assertArrayEquals(new int[] {8, 9, 10}, folds.test(2));
    assertArrayEquals(new int[] {0, 1, 2, 3, 4, 5, 6, 7}, folds.train(2));
  }

  @Test
  void keepsGroupsTogetherAndLabelsEven() {
    int[] labels = {0, 0, 0, 1, 1, 1, 0, 1, 0, 1, 0, 1};
    int[] groups = {7, 7, 7, 5, 5, 5, 1, 2, 3, 4, 6, 8};
    StratifiedFolds folds = StratifiedFolds.keeping(groups, labels, 2);
    assertArrayEquals(new int[] {0, 1, 2, 3, 4, 5}, folds.test(0));
    assertArrayEquals(new int[] {6, 7, 8, 9, 10, 11}, folds.test(1));
    assertTrue(folds.isComplete(labels, 2));
    assertFalse(StratifiedFolds.keeping(new int[12], labels, 2).isComplete(labels, 2));
    int[] large = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2};
    assertFalse(StratifiedFolds.keeping(large, labels, 2).isComplete(labels, 2));
  }
}
