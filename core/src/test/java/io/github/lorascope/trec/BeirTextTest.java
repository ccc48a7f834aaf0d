package io.github.lorascope.trec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.io.FileReadException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BeirTextTest {
  private static final String GOOD = "{\"_id\": \"a\", \"text\": \"one\"}\n";

  @TempDir private Path folder;

  private Map<String, String> read(String content) {
    return read(TrecFiles.write(folder.resolve("corpus.jsonl"), content));
  }

  private static Map<String, String> read(Path file) {
    return TextReader.select(file, id -> true, share -> {});
  }

  @Test
  void titleAndTextMakeAPassage() {
    assertEquals(Map.of("a", "A title one"), read(withTitle("\"A title\"", "one")));
    assertEquals(Map.of("a", "A title"), read(withTitle("\"A title\"", "")));
    assertEquals(Map.of("a", "one"), read(withTitle("\"\"", " one ")));
    assertEquals(Map.of("a", "one"), read(withTitle("null", "one")));
    assertEquals(Map.of("a", ""), read(withTitle("\"\"", "")));
    assertEquals(Map.of("a", "one"), read(GOOD));
  }

  private static String withTitle(String title, String text) {
    return "{\"title\": " + title + ", \"text\": \"" + text + "\", \"_id\": \"a\"}\n";
  }

  @Test
  void otherFieldsSayNothing() {
    String more = "\"metadata\": {\"_id\": 7, \"text\": [1.5, null]}, \"label\": true";
    assertEquals(Map.of("a", "one"), read("{" + more + ", \"_id\": \"a\", \"text\": \"one\"}"));
  }

  @Test
  void textsAreReadInOrderPlainOrPacked() {
    String content = GOOD + "{\"text\":\"two\",\"_id\":\"<b>\"}\r\n\n";
    assertEquals(List.of("a", "<b>"), List.copyOf(read(content).keySet()));
    Path packed = TrecFiles.gzip(folder.resolve("packed"), "\uFEFF" + content);
    assertEquals(Map.of("a", "one", "<b>", "two"), read(packed));
  }

  @Test
  void escapesAreUndone() {
    String text = "caf\\u00e9 \\ud83d\\ude42 \\\"x\\\"\\n\\ty\u00E9";
    assertEquals(
        Map.of("\u00E9", "caf\u00E9 \uD83D\uDE42 \"x\"\n\ty\u00E9"),
        read("{\"_id\": \"\\u00E9\", \"text\": \"" + text + "\"}"));
  }

  @Test
  void badLinesAreNamed() {
    refused("only text", "corpus.jsonl, line 2 is not well-formed JSON at column 1");
    refused("b\ttwo", "line 2 is not well-formed JSON", "each line has to be a JSON object with");
    refused("[\"b\"]", "line 2 holds a list where a JSON object has to be");
    refused("{\"_id\": \"b\", \"text\": \"tw", "line 2 is not well-formed JSON", "end-of-input");
    refused("{\"_id\": \"b\", \"text\": \"two\"} {}", "line 2 is not", "more text follows");
    refused("{\"_id\": \"b\", \"_id\": \"c\", \"text\": \"two\"}", "Duplicate field '_id'");
    refused("{\"text\": \"two\"}", "corpus.jsonl, line 2: _id is missing", "strings _id and text");
    refused("{\"_id\": \"b\"}", "line 2: text is missing");
    refused("{\"_id\": \"b\", \"text\": null}", "line 2: text is null");
    refused("{\"_id\": 5, \"text\": \"two\"}", "line 2: _id has to be a string but is 5");
    refused(
        "{\"_id\": \"b\", \"text\": [\"two\"]}", "line 2: text has to be a string but is a list");
    refused("{\"_id\": \"b\", \"text\": \"\", \"title\": 1}", "line 2: title has to be a string");
    refused("{\"_id\": \"\", \"text\": \"two\"}", "line 2 has a blank id");
    refused("{\"_id\": \"b c\", \"text\": \"two\"}", "line 2 has an id with white space");
    refused("{\"_id\": \"b\\n\", \"text\": \"two\"}", "line 2 has an id with white space");
    refused(GOOD, "line 2 has the id a again");
    refused("\n" + GOOD, "line 2 is blank");
  }

  private void refused(String second, String... parts) {
    TrecFiles.assertRefused(() -> read(GOOD + second), parts);
  }

  @Test
  void aFileHasOneForm() {
    TrecFiles.assertRefused(() -> read("b\ttwo\n" + GOOD), "line 2 has 1 field");
    TrecFiles.assertRefused(() -> read("{\n\"_id\": \"a\"\n}"), "line 1 is not well-formed JSON");
  }

  @Test
  void deepNestingIsRefused() {
    String deep = "[".repeat(100_000) + "]".repeat(100_000);
    refused(
        "{\"_id\": \"b\", \"text\": \"\", \"metadata\": " + deep + "}", "line 2", "nesting depth");
  }

  @Test
  void aLineWithoutEndIsRefused() {
    String content = GOOD + "{\"_id\": \"b\", \"text\": \"" + "x".repeat(17 << 20);
    TrecFiles.assertRefused(() -> read(content), "line 2 has more than");
  }

  @Test
  void damagedFilesAreRefused() throws IOException {
    byte[] wrong = (GOOD + "{\"_id\": \"b\", \"text\": \"?\"}").getBytes(StandardCharsets.UTF_8);
    wrong[wrong.length - 3] = (byte) 0xC3;
    Path file = Files.write(folder.resolve("corpus.jsonl"), wrong);
    TrecFiles.assertRefused(() -> read(file), "corpus.jsonl, line 2 is not UTF-8");
    byte[] packed = Files.readAllBytes(TrecFiles.gzip(folder.resolve("corpus.jsonl.gz"), GOOD));
    Path cut = folder.resolve("corpus.jsonl.gz");
    Files.write(cut, Arrays.copyOf(packed, packed.length - 6));
    TrecFiles.assertRefused(() -> read(cut), "corpus.jsonl.gz is cut off");
  }

  @Test
  void holdsOneLine() {
    Path file = TrecFiles.write(folder.resolve("corpus.jsonl"), GOOD + "{\"_id\": \"b\"}\n");
    try (TextReader reader = TextReader.open(file)) {
      assertEquals(new IdentifiedText("a", "one"), reader.next());
      assertTrue(reader.share() > 0);
      assertThrows(FileReadException.class, reader::next);
    }
  }
}
