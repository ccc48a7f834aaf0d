package io.github.lorascope.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DropoutTest {
  private static final int COUNT = 100_000;

  private static boolean[] dropped(Dropout dropout) {
    boolean[] dropped = new boolean[COUNT];
    for (int i = 0; i < COUNT; i++) {
      dropped[i] = dropout.factor(i) == 0;
    }
    return dropped;
  }

  private static double share(boolean[] events) {
    int count = 0;
    for (boolean event : events) {
      count += event ? 1 : 0;
    }
    return (double) count / events.length;
  }

  /** Four standard deviations of a share of {@link #COUNT} independent events. */
  private static double tolerance(double rate) {
    return 4 * Math.sqrt(rate * (1 - rate) / COUNT);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.05, 0.5, 0.9})
  void dropsItsRate(double rate) {
    assertEquals(rate, share(dropped(new Dropout(rate, 1))), tolerance(rate));
  }

  @Test
  void aPartDropsWhatTheWholeDropsThere() {
    Dropout whole = new Dropout(0.3, 9);
    Dropout part = whole.from(576);
    for (int i = 0; i < 1000; i++) {
      assertEquals(whole.factor(576 + i), part.factor(i));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 64, 576})
  void neighboursAreIndependent(int distance) {
    boolean[] dropped = dropped(new Dropout(0.3, 2));
    boolean[] both = new boolean[COUNT - distance];
    for (int i = 0; i < both.length; i++) {
      both[i] = dropped[i] && dropped[i + distance];
    }
    assertEquals(0.09, share(both), 2 * tolerance(0.09));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 0x9E3779B97F4A7C15L})
  void seedsGiveIndependentMasks(long difference) {
    boolean[] one = dropped(new Dropout(0.3, 5));
    boolean[] other = dropped(new Dropout(0.3, 5 + difference));
    boolean[] both = new boolean[COUNT];
    for (int i = 0; i < COUNT; i++) {
      both[i] = one[i] && other[i];
    }
    assertEquals(0.09, share(both), tolerance(0.09));
  }

  /** Nor is the mask of another pass or place the same one moved. */
  @ParameterizedTest
  @ValueSource(ints = {-2, -1, 0, 1, 2})
  void passesAndPlacesHaveMasksOfTheirOwn(int moved) {
    boolean[] one = dropped(Dropout.at(0.3, 5, 7));
    for (Dropout another : new Dropout[] {Dropout.at(0.3, 6, 7), Dropout.at(0.3, 5, 8)}) {
      boolean[] other = dropped(another);
      boolean[] both = new boolean[COUNT - 4];
      for (int i = 0; i < both.length; i++) {
        both[i] = one[i + 2] && other[i + 2 + moved];
      }
      assertEquals(0.09, share(both), tolerance(0.09));
    }
  }

  @Test
  void keptNumbersAreScaledUp() {
    Dropout dropout = new Dropout(0.2, 3);
    for (int i = 0; i < 1000; i++) {
      double factor = dropout.factor(i);
      assertEquals(factor == 0 ? 0 : 1.25, factor);
    }
  }

  @Test
  void aMaskDependsOnSeedAndPositionAlone() {
    Dropout forwards = new Dropout(0.4, 9);
    Dropout backwards = new Dropout(0.4, 9);
    double[] factors = new double[1000];
    for (int i = 0; i < factors.length; i++) {
      factors[i] = forwards.factor(i);
    }
    for (int i = factors.length - 1; i >= 0; i--) {
      assertEquals(factors[i], backwards.factor(i));
    }
  }

  @Test
  void noneKeepsEverything() {
    for (long i = 0; i < 1000; i++) {
      assertEquals(1, Dropout.NONE.factor(i * 1_000_000_007L));
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, 1, Double.NaN})
  void refusesRatesThatAreNone(double rate) {
    assertThrows(IllegalArgumentException.class, () -> new Dropout(rate, 0));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.05, 0.5, 0.9})
  void aRunOfNumbersIsTreatedAsEachOfThem(double rate) {
    Dropout dropout = new Dropout(rate, -3);
    float[] values = new float[1000];
    java.util.Arrays.fill(values, 3);
    dropout.apply(values, 999, 1L << 40);
    for (int i = 0; i < 999; i++) {
      assertEquals(3 * (float) dropout.factor((1L << 40) + i), values[i]);
    }
    assertEquals(3, values[999]);
  }
}
