package io.github.lorascope.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What is written in Python is Python. It is not run. */
@ExtendWith(RequiresPython.class)
class WrittenPythonTest {
  @Test
  void isPython() throws IOException {
    List<Markdown.Part> blocks = new ArrayList<>();
    for (Markdown page : Markdown.pages()) {
      blocks.addAll(page.blocks("python"));
    }
    assertFalse(blocks.isEmpty());
    for (Markdown.Part block : blocks) {
      assertEquals("", RequiresPython.parse(block.place(), block.content()));
    }
  }

  @Test
  void wrongCodeIsFound() throws IOException {
    assertTrue(RequiresPython.parse("page.md:1", "def f(:\n").contains("SyntaxError"));
  }
}
