package io.github.lorascope.backend.onednn;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.tensor.MemoryAccount;
import io.github.lorascope.weights.DenseWeight;
import io.github.lorascope.weights.Nf4;
import io.github.lorascope.weights.Weight;
import org.junit.jupiter.api.Test;

class CopyBudgetTest {
  private static final Weight DENSE = DenseWeight.of("w", 1, 64, new float[64]);
  private static final Weight SMALL = Nf4.quantize(DENSE, true);

  @Test
  void aCapSaysHowMuchAnyWeightMayTake() {
    MemoryAccount account = new MemoryAccount("test", 1000);
    CopyBudget budget = new CopyBudget(account, true, 16);
    for (Weight weight : new Weight[] {DENSE, SMALL}) {
      budget.count(weight, 500);
      assertTrue(budget.keeps(weight, 500));
      assertFalse(budget.keeps(weight, 501));
    }
    account.take(100, "activations");
    assertTrue(budget.keeps(SMALL, 400));
    assertFalse(budget.keeps(SMALL, 401));
  }

  @Test
  void withoutACapHalfOfTheMachineHoldsCopies() {
    MemoryAccount account = new MemoryAccount("test", Long.MAX_VALUE);
    CopyBudget budget = new CopyBudget(account, false, 3200);
    budget.count(DENSE, 10_000);
    assertTrue(budget.keeps(DENSE, 1600));
    account.take(1, "activations");
    assertFalse(budget.keeps(DENSE, 1600));
  }

  @Test
  void noWeightHasASecondCopyBeforeEachHasOne() {
    MemoryAccount account = new MemoryAccount("test", 1000);
    CopyBudget budget = new CopyBudget(account, true, 16);
    budget.count(DENSE, 150);
    Runnable other = budget.count(SMALL, 101);
    assertFalse(budget.allTwice(DENSE), "all copies take 502 of 500");
    assertTrue(budget.keeps(DENSE, 150));
    other.run();
    assertTrue(budget.allTwice(DENSE));
  }

  @Test
  void weightsInFewBitsAreKeptTwiceInTheSameMemory() {
    CopyBudget budget = new CopyBudget(new MemoryAccount("test", Long.MAX_VALUE), false, 3200);
    budget.count(SMALL, 100);
    assertTrue(budget.allTwice(SMALL));
    budget.count(SMALL, 2);
    assertFalse(budget.allTwice(SMALL));
    assertTrue(budget.keeps(SMALL, 100));
    assertTrue(budget.allTwice(DENSE));
  }

  @Test
  void weightsInFewBitsAreKeptAllOrNone() {
    CopyBudget budget = new CopyBudget(new MemoryAccount("test", Long.MAX_VALUE), false, 3200);
    budget.count(SMALL, 150);
    Runnable other = budget.count(SMALL, 50);
    assertTrue(budget.keeps(SMALL, 50));
    Runnable third = budget.count(SMALL, 1);
    assertFalse(budget.keeps(SMALL, 1));
    assertTrue(budget.keeps(DENSE, 1600), "others are not counted with them");
    other.run();
    assertTrue(budget.keeps(SMALL, 150), "one decoder was closed");
    third.run();
    assertTrue(budget.keeps(SMALL, 150));
  }
}
