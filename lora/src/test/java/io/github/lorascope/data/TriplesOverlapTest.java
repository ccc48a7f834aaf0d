package io.github.lorascope.data;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TriplesOverlapTest {
  @TempDir private Path folder;

  private Triples triples(String text) throws IOException {
    return Triples.tsv(Files.writeString(folder.resolve("triples.tsv"), text));
  }

  @Test
  void whatIsSharedIsCountedByTheTripleThatIsEvaluated() throws IOException {
    Triples training = triples("q1\ta\tx\nq1\tb\tx\nq2\tc\tx\n");
    Triples evaluation = triples("q1\ta\ty\nq1\ta\tz\nq1\tc\ty\nq2\tx\tc\nq3\ty\tz\nq3\ty\tb\n");
    assertEquals(new TriplesOverlap(4, 2, 5), TriplesOverlap.of(training, evaluation));
    assertEquals(new TriplesOverlap(0, 0, 0), TriplesOverlap.of(training, triples("q\ty\tz\n")));
  }
}
