package io.github.lorascope.trec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunWriterTest {
  @TempDir private Path folder;

  private static String written(float... scores) throws IOException {
    List<ScoredDocument> documents = new ArrayList<>();
    for (float score : scores) {
      documents.add(new ScoredDocument("d" + documents.size(), score));
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new RunWriter(out, "tag").write(new QueryRanking("q", documents));
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void writesTheSixColumns() throws IOException {
    assertEquals("q Q0 d0 1 2.5 tag\nq Q0 d1 2 -1.0 tag\n", written(2.5f, -1));
  }

  /** Ties, a larger score after a smaller one, zeros, tiny and huge ones; and read back. */
  @Test
  void scoresComeBackStrictlyDecreasing() throws IOException {
    Random random = new Random(5);
    float[] scores = new float[2000];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = Float.intBitsToFloat(random.nextInt()) % 1e30f;
      scores[i] = i % 3 == 0 || Float.isNaN(scores[i]) ? random.nextInt(2) : scores[i];
    }
    Path file = TrecFiles.write(folder.resolve("run"), written(scores));
    List<ScoredDocument> read = TrecFiles.all(RunFile.scan(file).open()).get(0).documents();
    assertEquals(scores.length, read.size());
    for (int i = 0; i < scores.length; i++) {
      assertEquals("d" + i, read.get(i).id());
      assertTrue(i == 0 || read.get(i).score() < read.get(i - 1).score(), "place " + i);
    }
  }

  @Test
  void everyFloatIsWrittenSoThatADoubleFindsIt() throws IOException {
    Random random = new Random(6);
    for (int i = 0; i < 20_000; i++) {
      float score = Float.intBitsToFloat(random.nextInt());
      if (Float.isFinite(score)) {
        String text = written(score).split(" ", -1)[4];
        assertEquals(score, (float) Double.parseDouble(text), text);
      }
    }
  }

  @Test
  void whatARunCannotHoldIsRefused() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertThrows(TrecException.class, () -> new RunWriter(out, "my run"));
    assertThrows(TrecException.class, () -> new RunWriter(out, ""));
    RunWriter writer = new RunWriter(out, "t");
    assertThrows(TrecException.class, () -> writer.write(of("q", "a b", 1)));
    assertThrows(TrecException.class, () -> writer.write(of("q\t", "a", 1)));
    assertThrows(
        IllegalArgumentException.class, () -> writer.write(of("q", "a", Float.POSITIVE_INFINITY)));
    assertThrows(IllegalArgumentException.class, () -> new ScoredDocument("a", Float.NaN));
    assertEquals(0, out.size());
  }

  private static QueryRanking of(String query, String id, float score) {
    return new QueryRanking(query, List.of(new ScoredDocument(id, score)));
  }
}
