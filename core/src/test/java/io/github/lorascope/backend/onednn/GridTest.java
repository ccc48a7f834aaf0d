package io.github.lorascope.backend.onednn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GridTest {
  @ParameterizedTest
  @CsvSource({
    "0, 10, 16, 2, 0", // nothing to do
    "1, 10, 16, 4, 1", // narrower than a unit
    "1, 100, 16, 4, 4", // few rows: by columns
    "3, 2500, 1024, 8, 3", // no more parts than units
    "400, 576, 1024, 16, 13", // one unit of columns: by rows, of which a part has 16 at least
    "400, 2500, 1024, 16, 15", // three units: by both
    "128, 100, 16, 4, 4", // enough rows: by rows
    "1700, 24, 16, 2, 4", // plenty of rows: two turns each
  })
  void partsCoverEverythingOnce(int rows, int columns, int unit, int threads, int tasks) {
    Grid grid = Grid.of(rows, columns, unit, threads);
    assertEquals(tasks, grid.tasks());
    int[][] covered = new int[rows][columns];
    for (int i = 0; i < grid.tasks(); i++) {
      Grid.Part part = grid.part(i);
      assertEquals(0, part.left() % unit);
      for (int row = part.top(); row < part.bottom(); row++) {
        for (int column = part.left(); column < part.right(); column++) {
          covered[row][column]++;
        }
      }
    }
    for (int[] row : covered) {
      for (int times : row) {
        assertTrue(times == 1);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "63, 64, 2, 63", // too few to divide
    "64, 64, 2, 32", // one each
    "2048, 64, 2, 64",
    "2048, 128, 2, 128",
    "1000, 128, 2, 128", // the last one smaller
    "300, 128, 2, 80", // as many blocks for each thread
  })
  void blocksAreAsWanted(int rows, int wanted, int threads, int block) {
    assertEquals(block, Grid.block(rows, wanted, threads));
  }
}
