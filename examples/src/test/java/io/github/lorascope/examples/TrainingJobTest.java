package io.github.lorascope.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.lorascope.data.Triples;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingJobTest {
  @TempDir private Path folder;

  @Test
  void whatIsTrainedOnAndEvaluatedOnIsCounted() {
    assertEquals(
        Optional.of(
            "39 of the 797 triples to evaluate on have a query that is trained on, 14 of them with"
                + " the same relevant passage: the accuracy may be too high for others"),
        TrainingJob.overlap(
            Triples.tsv(Bundled.trainTriples()), Triples.tsv(Bundled.devTriples())));
    Triples other = Triples.tsv(TinyFolder.triples(folder.resolve("triples.tsv"), 7));
    assertEquals(Optional.empty(), TrainingJob.overlap(Triples.tsv(Bundled.trainTriples()), other));
  }
}
