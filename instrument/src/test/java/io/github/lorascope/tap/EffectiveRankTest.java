package io.github.lorascope.tap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.backend.Backend;
import io.github.lorascope.backend.BackendOptions;
import io.github.lorascope.backend.Backends;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EffectiveRankTest {
  private Backend backend;
  private MemoryScope memory;

  @BeforeEach
  void open() {
    backend = Backends.named("reference", BackendOptions.defaults());
    memory = backend.scope("a test");
  }

  @AfterEach
  void close() {
    memory.close();
    backend.close();
  }

  private Tensor matrix(int rows, int columns, float... values) {
    Tensor tensor = memory.tensor(rows, columns);
    tensor.set(values);
    return tensor;
  }

  @Test
  void ofKnownSingularValues() {
    assertEquals(1, EffectiveRank.ofSingularValues(3, 0, 0), 1e-12);
    assertEquals(4, EffectiveRank.ofSingularValues(2, 2, 2, 2), 1e-12);
    // Shares of 3/4 and 1/4: exp(0.75 ln(4/3) + 0.25 ln 4).
    assertEquals(1.7547654, EffectiveRank.ofSingularValues(1, 3), 1e-7);
    assertTrue(Double.isNaN(EffectiveRank.ofSingularValues(0, 0)));
    assertEquals(2, EffectiveRank.ofSingularValues(1e308, 1e308), 1e-12);
  }

  /** (2, 1)^T (1, 1, 0) written with rank 2: the second direction repeats the first. */
  @Test
  void ofRankOne() {
    Tensor b = matrix(2, 2, 2, 4, 1, 2);
    Tensor a = matrix(2, 3, 1, 1, 0, 1, 1, 0);
    assertEquals(1, EffectiveRank.ofProduct(b, a), 1e-6);
  }

  @Test
  void ofOrthogonalEqualDirections() {
    Tensor b = matrix(4, 3, 0, 0, 2, 5, 0, 0, 0, 0, 0, 0, 1, 0);
    Tensor a = matrix(3, 4, 0, 2, 0, 0, 0, 0, 0, 10, 5, 0, 0, 0);
    assertEquals(3, EffectiveRank.ofProduct(b, a), 1e-9);
  }

  /** B A = diag(3, 1), from factors whose own columns and rows are not orthogonal. */
  @Test
  void ofAProductWhoseFactorsAreSkew() {
    Tensor b = matrix(2, 2, 3, 0, 1, 1);
    Tensor a = matrix(2, 2, 1, 0, -1, 1);
    assertEquals(1.7547654, EffectiveRank.ofProduct(b, a), 1e-7);
  }

  /** More rank than the matrices have rows or columns. */
  @Test
  void ofFlatFactors() {
    Tensor b = matrix(1, 3, 1, 2, 3);
    Tensor a = matrix(3, 2, 1, 0, 0, 1, 1, 1);
    assertEquals(1, EffectiveRank.ofProduct(b, a), 1e-9);
  }

  @Test
  void whatHasNoneIsNaN() {
    Tensor a = matrix(2, 3, 1, 2, 3, 4, 5, 6);
    assertTrue(Double.isNaN(EffectiveRank.ofProduct(memory.zeros(4, 2), a)));
    Tensor broken = matrix(1, 2, Float.NaN, 1);
    assertTrue(Double.isNaN(EffectiveRank.ofProduct(broken, a)));
    assertThrows(IllegalArgumentException.class, () -> EffectiveRank.ofProduct(a, a));
  }
}
