package io.github.lorascope.ablation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LayerGroupTest {
  @ParameterizedTest
  @CsvSource({
    "32, 'all (0-31) late (20-31) early+middle (0-19) middle (10-19) early (0-9)'",
    "18, 'all (0-17) late (11-17) early+middle (0-10) middle (6-10) early (0-5)'",
    "12, 'all (0-11) late (8-11) early+middle (0-7) middle (4-7) early (0-3)'",
    "4, 'all (0-3) late (3) early+middle (0-2) middle (1-2) early (0)'",
    "2, 'all (0-1) late (1) early+middle (0)'",
    "1, 'all (0)'"
  })
  void theGroupsFollowTheDepth(int depth, String groups) {
    assertEquals(
        groups,
        String.join(" ", LayerGroup.standard(depth).stream().map(LayerGroup::toString).toList()));
  }

  @Test
  void layersAreSortedAndShownAsRanges() {
    LayerGroup group = new LayerGroup("some", List.of(9, 2, 4, 3, 9, 0));
    assertEquals(List.of(0, 2, 3, 4, 9), group.layers());
    assertEquals("some (0,2-4,9)", group.toString());
    assertEquals(List.of(3, 4, 5), LayerGroup.range("x", 3, 5).layers());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a/b", "..", " a", "a b", "-a", "ä"})
  void aNameThatIsNoFoldersIsRefused(String name) {
    String message =
        assertThrows(IllegalArgumentException.class, () -> LayerGroup.range(name, 0, 1))
            .getMessage();
    assertTrue(message.contains("'" + name + "'"), message);
  }

  @Test
  void aGroupWithoutLayersIsRefused() {
    for (int last : new int[] {-1, 4096, Integer.MAX_VALUE}) {
      assertThrows(IllegalArgumentException.class, () -> LayerGroup.range("some", 0, last));
    }
    assertThrows(IllegalArgumentException.class, () -> LayerGroup.range("some", -1, 2));
    assertThrows(IllegalArgumentException.class, () -> new LayerGroup("none", List.of()));
    assertThrows(IllegalArgumentException.class, () -> LayerGroup.range("none", 3, 2));
    assertThrows(IllegalArgumentException.class, () -> LayerGroup.standard(0));
  }
}
