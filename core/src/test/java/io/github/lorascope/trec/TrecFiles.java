package io.github.lorascope.trec;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.io.FileReadException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.function.Executable;

/** Files for the tests of this package, and what is expected of bad ones. */
final class TrecFiles {
  private TrecFiles() {}

  static Path write(Path file, String content) {
    try {
      return Files.writeString(file, content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Path gzip(Path file, String content) {
    try (GZIPOutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write(content.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return file;
  }

  static List<QueryRanking> all(RunReader reader) {
    List<QueryRanking> rankings = new ArrayList<>();
    try (reader) {
      for (QueryRanking of = reader.next(); of != null; of = reader.next()) {
        rankings.add(of);
      }
    }
    return rankings;
  }

  static List<String> ids(QueryRanking ranking) {
    return ranking.documents().stream().map(ScoredDocument::id).toList();
  }

  static void assertRefused(Executable reading, String... parts) {
    String message = assertThrows(FileReadException.class, reading).getMessage();
    for (String part : parts) {
      assertTrue(message.contains(part), message);
    }
  }
}
