package io.github.lorascope.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.backend.BackendException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GridTest {
  @ParameterizedTest
  @CsvSource({"-1,1,1,32", "1,-1,1,32", "1,1,-1,32", "1,1,1,0", "1,1,1,48", "1,1,1,1056"})
  void whatNoGpuRunsIsAMistake(int x, int y, int z, int threads) {
    assertThrows(IllegalArgumentException.class, () -> new Grid(x, y, z, threads));
  }

  @Test
  void moreHeadsOrSequencesThanAGpuTakesAreRefusedWithTheNumbers() {
    assertEquals(65_535, new Grid(Integer.MAX_VALUE, 65_535, 65_535, 1024).z());
    for (int[] yz : new int[][] {{65_536, 1}, {1, 65_536}}) {
      BackendException e =
          assertThrows(BackendException.class, () -> new Grid(7, yz[0], yz[1], 128));
      assertTrue(e.getMessage().contains("7 x " + yz[0] + " x " + yz[1]), e.getMessage());
    }
  }

  @Test
  void wideRowsAndManyNumbersFit() {
    assertEquals(65_535, Grid.of(3, Integer.MAX_VALUE).y());
    assertEquals(4096, Grid.numbers(1L << 40, 4096).x());
    assertTrue(Grid.of(0, 5).empty());
  }
}
