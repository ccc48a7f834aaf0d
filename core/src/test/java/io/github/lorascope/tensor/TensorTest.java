package io.github.lorascope.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.backend.Backend;
import io.github.lorascope.backend.BackendOptions;
import io.github.lorascope.backend.Backends;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TensorTest {
  private final Backend backend = Backends.named("reference", BackendOptions.defaults());
  private final MemoryScope scope = backend.scope("test");
  private final Tensor tensor = scope.tensor(2, 3, new float[] {1, 2, 3, 4, 5, 6});

  @AfterEach
  void close() {
    scope.close();
    backend.close();
  }

  @Test
  void viewsShareTheNumbers() {
    Tensor view = tensor.rows(1, 2).columns(1, 3);
    assertArrayEquals(new float[] {5, 6}, view.toArray());
    view.set(0, 1, 9);
    assertEquals(9, tensor.get(1, 2));
    tensor.columns(1, 2).fill(0);
    assertArrayEquals(new float[] {1, 0, 3, 4, 0, 9}, tensor.toArray());
    tensor.columns(0, 2).set(new float[] {7, 8, 7, 8});
    assertArrayEquals(new float[] {7, 8, 3, 7, 8, 9}, tensor.toArray());
  }

  @Test
  void noRowsAreAtAnyPlace() {
    Tensor none = tensor.columns(1, 3).rows(2, 2);
    assertArrayEquals(new float[0], none.toArray());
    none.set(new float[0]);
    none.fill(1);
    assertArrayEquals(new float[] {1, 2, 3, 4, 5, 6}, tensor.toArray());
  }

  @Test
  void onlyRowsWithoutGapsTakeAnotherShape() {
    assertArrayEquals(new float[] {3, 4}, tensor.reshape(3, 2).rows(1, 2).toArray());
    assertTrue(tensor.rows(0, 1).columns(0, 2).contiguous());
    assertFalse(tensor.columns(0, 2).contiguous());
    assertThrows(IllegalArgumentException.class, () -> tensor.columns(0, 2).reshape(1, 4));
    assertThrows(IllegalArgumentException.class, () -> tensor.reshape(2, 2));
  }

  @Test
  void boundsAreThoseOfTheView() {
    Tensor view = tensor.rows(0, 1).columns(0, 2);
    assertThrows(IndexOutOfBoundsException.class, () -> view.get(0, 2));
    assertThrows(IndexOutOfBoundsException.class, () -> view.get(1, 0));
    assertThrows(IndexOutOfBoundsException.class, () -> view.set(0, -1, 0));
    assertThrows(IndexOutOfBoundsException.class, () -> view.rows(0, 2));
    assertThrows(IndexOutOfBoundsException.class, () -> view.columns(1, 3));
    assertThrows(IllegalArgumentException.class, () -> tensor.set(new float[5]));
    assertThrows(IndexOutOfBoundsException.class, () -> Tensor.of(tensor.storage(), 1, 2, 3));
    assertThrows(IllegalArgumentException.class, () -> Tensor.of(tensor.storage(), 0, -1, 3));
  }
}
