package io.github.lorascope.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EpochSamplerTest {
  @TempDir Path folder;

  @Test
  void eachEpochShowsEachTripleOnceInAnotherOrder() throws IOException {
    EpochSampler sampler = new EpochSampler(triples(101), 3);
    Set<List<String>> orders = new HashSet<>();
    for (long epoch = 0; epoch < 5; epoch++) {
      List<String> queries =
          LongStream.range(epoch * 101, (epoch + 1) * 101)
              .mapToObj(i -> sampler.example(i).query())
              .toList();
      assertEquals(101, new HashSet<>(queries).size());
      assertEquals(epoch, sampler.epoch(epoch * 101));
      assertEquals(epoch, sampler.epoch(epoch * 101 + 100));
      orders.add(queries);
    }
    assertEquals(5, orders.size());
  }

  @Test
  void anExampleDependsOnSeedAndIndexAlone() throws IOException {
    Triples triples = triples(50);
    EpochSampler straight = new EpochSampler(triples, 42);
    List<PairExample> expected = LongStream.range(0, 220).mapToObj(straight::example).toList();
    EpochSampler resumed = new EpochSampler(triples, 42);
    for (int i = 219; i >= 0; i -= 7) {
      assertEquals(expected.get(i), resumed.example(i));
      assertEquals(expected.get((i + 100) % 220), resumed.example((i + 100) % 220));
    }
    EpochSampler other = new EpochSampler(triples, 43);
    assertNotEquals(expected, LongStream.range(0, 220).mapToObj(other::example).toList());
  }

  /** Triple and label; computed apart from this code, in Python. */
  @Test
  void theOrderIsTheSameOnEveryMachine() throws IOException {
    EpochSampler sampler = new EpochSampler(triples(10), 1);
    List<String> seen =
        LongStream.range(0, 12)
            .mapToObj(sampler::example)
            .map(e -> e.query().charAt(1) + "" + e.label())
            .toList();
    assertEquals(
        List.of("21", "80", "91", "30", "60", "11", "51", "40", "70", "01", "21", "70"), seen);
  }

  @Test
  void ofEachTwoExamplesOneHasTheRelevantPassageFirst() throws IOException {
    EpochSampler sampler = new EpochSampler(triples(7), 5);
    int firstIsA = 0;
    for (long i = 0; i < 4000; i += 2) {
      PairExample one = sampler.example(i);
      PairExample two = sampler.example(i + 1);
      assertEquals(1, one.label() + two.label());
      for (PairExample example : List.of(one, two)) {
        String relevant = example.label() == 0 ? example.a() : example.b();
        assertEquals('p', relevant.charAt(0));
      }
      firstIsA += 1 - one.label();
    }
    // 2,000 fair choices: standard deviation 22.4.
    assertEquals(1000, firstIsA, 5 * 22.4);
  }

  /** 2,000 seeds: each of 5 triples comes first 400 times, standard deviation 17.9. */
  @Test
  void shufflesAreUniform() throws IOException {
    Triples triples = triples(5);
    int[] first = new int[5];
    for (int seed = 0; seed < 2000; seed++) {
      first[new EpochSampler(triples, seed).example(0).query().charAt(1) - '0']++;
    }
    for (int count : first) {
      assertEquals(400, count, 5 * 17.9);
    }
  }

  @Test
  void oneTripleIsEnough() throws IOException {
    EpochSampler sampler = new EpochSampler(triples(1), 0);
    assertEquals(1, sampler.example(0).label() + sampler.example(1).label());
    assertThrows(IllegalArgumentException.class, () -> sampler.example(-1));
    assertEquals("q0 é🙂", sampler.example(Long.MAX_VALUE).query());
  }

  private Triples triples(int count) throws IOException {
    return Triples.tsv(Files.writeString(folder.resolve("t.tsv"), TriplesTest.lines(count)));
  }
}
