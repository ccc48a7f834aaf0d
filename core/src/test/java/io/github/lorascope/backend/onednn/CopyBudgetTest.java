package io.github.lorascope.backend.onednn;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.weights.DenseWeight;
import io.github.lorascope.weights.Nf4;
import io.github.lorascope.weights.Weight;
import org.junit.jupiter.api.Test;

class CopyBudgetTest {
  private static final Weight DENSE = DenseWeight.of("w", 1, 64, new float[64]);
  private static final Weight SMALL = Nf4.quantize(DENSE, true);

  @Test
  void aCapSaysHowMuchAllCopiesMayTake() {
    for (Weight weight : new Weight[] {DENSE, SMALL}) {
      CopyBudget budget = new CopyBudget(1000, true, 16);
      assertFalse(budget.share(weight, 501).keep());
      CopyBudget.Share first = budget.share(weight, 300);
      assertTrue(first.keep());
      assertFalse(budget.share(weight, 201).keep(), "501 of 500, made or not");
      assertTrue(budget.share(weight, 200).keep());
      assertFalse(budget.share(weight, 300).keep());
      first.close();
      assertTrue(budget.share(weight, 300).keep(), "the first one's were freed");
    }
  }

  @Test
  void convertedWeightsTakeTheirPlaceFirst() throws Exception {
    CopyBudget budget = new CopyBudget(1000, true, 16);
    AutoCloseable reserved = budget.reserve(400);
    assertFalse(budget.share(SMALL, 301).keep(), "600 are left, half of them for the pass");
    assertTrue(budget.share(SMALL, 300).keep());
    reserved.close();
    assertTrue(budget.share(SMALL, 200).keep());
  }

  @Test
  void withoutACapHalfOfTheMachineHoldsCopies() {
    CopyBudget budget = new CopyBudget(Long.MAX_VALUE, false, 3200);
    assertTrue(budget.share(DENSE, 1600).keep());
    assertFalse(budget.share(DENSE, 1).keep());
  }

  @Test
  void noWeightHasASecondCopyBeforeEachHasOne() {
    CopyBudget budget = new CopyBudget(1000, true, 16);
    CopyBudget.Share dense = budget.share(DENSE, 150);
    CopyBudget.Share other = budget.share(SMALL, 101);
    assertFalse(dense.keepTwice(), "all copies take 502 of 500");
    other.close();
    assertTrue(dense.keepTwice());
    assertFalse(budget.share(DENSE, 201).keep(), "two copies count twice");
    assertTrue(budget.share(DENSE, 200).keep());
  }

  @Test
  void weightsInFewBitsAreKeptTwiceInTheSameMemory() {
    CopyBudget budget = new CopyBudget(Long.MAX_VALUE, false, 3200);
    assertTrue(budget.share(SMALL, 100).keepTwice());
    CopyBudget.Share second = budget.share(SMALL, 2);
    assertFalse(second.keepTwice());
    assertTrue(second.keep());
    assertTrue(budget.share(DENSE, 100).keepTwice());
  }

  @Test
  void weightsInFewBitsAreKeptAllOrNone() {
    CopyBudget budget = new CopyBudget(Long.MAX_VALUE, false, 3200);
    CopyBudget.Share first = budget.share(SMALL, 150);
    CopyBudget.Share other = budget.share(SMALL, 50);
    assertTrue(other.keep());
    CopyBudget.Share third = budget.share(SMALL, 1);
    assertFalse(third.keep());
    CopyBudget.Share large = budget.share(DENSE, 1500);
    assertTrue(large.keep(), "others are not counted with them");
    third.close();
    other.close();
    assertFalse(first.keep(), "100 are left of the machine's half");
    large.close();
    assertTrue(first.keep(), "and the others were closed");
  }
}
