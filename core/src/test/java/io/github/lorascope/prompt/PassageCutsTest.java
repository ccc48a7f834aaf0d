package io.github.lorascope.prompt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PassageCutsTest {
  private final List<Integer> cut = new ArrayList<>();
  private final PassageCuts cuts =
      new PassageCuts(
          text -> {
            cut.add(text.length());
            return text.substring(0, 3);
          });

  @Test
  void aPassageIsCutOnceWhileThereIsRoom() {
    String long1 = "a".repeat(1_000_000);
    String long2 = "b".repeat(1_500_000);
    assertEquals("aaa", cuts.of(long1));
    assertEquals("bbb", cuts.of(long2));
    assertEquals("aaa", cuts.of("a".repeat(1_000_000)));
    assertEquals(List.of(1_000_000, 1_500_000), cut);
    assertEquals("ccc", cuts.of("c".repeat(2_000_000))); // in place of long2
    assertEquals("aaa", cuts.of(long1));
    assertEquals(3, cut.size());
    assertEquals("bbb", cuts.of(long2));
    assertEquals(4, cut.size());
    assertTrue(cuts.characters() <= 4_000_000, "" + cuts.characters());
  }

  @Test
  void whatIsTooLongToBeKeptIsCutAllTheSame() {
    String long1 = "a".repeat(5_000_000);
    assertEquals("aaa", cuts.of(long1));
    assertEquals("aaa", cuts.of(long1));
    assertEquals(2, cut.size());
    assertEquals(0, cuts.characters());
  }
}
