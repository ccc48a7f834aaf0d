package io.github.lorascope.tap;

import static io.github.lorascope.tap.AttentionQuantity.A_TO_QUERY;
import static io.github.lorascope.tap.AttentionQuantity.B_TO_A;
import static io.github.lorascope.tap.AttentionQuantity.B_TO_QUERY;
import static io.github.lorascope.tap.AttentionQuantity.LAST_ENTROPY;
import static io.github.lorascope.tap.AttentionQuantity.LAST_TO_A;
import static io.github.lorascope.tap.AttentionQuantity.LAST_TO_B;
import static io.github.lorascope.tap.AttentionQuantity.LAST_TO_QUERY;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.backend.Backends;
import io.github.lorascope.data.PairExample;
import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.lora.LoraAdapter;
import io.github.lorascope.metric.MeanInterval;
import io.github.lorascope.prompt.PairPrompt;
import io.github.lorascope.prompt.TokenSpan;
import io.github.lorascope.rerank.Reranker;
import io.github.lorascope.tap.KnownAttention.Layout;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** On a model whose attention is known. */
class AttentionTapTest {
  private static final double EXACT = 2e-6;
  private static final double TRAINED_WORTH = 12;
  private static final TokenSpan NOTHING = new TokenSpan(0, 0);

  /** Characters of several bytes, which the tokenizer cuts into several tokens. */
  private static final List<PairExample> PAIRS =
      List.of(
          new PairExample("water river", "the größte 𝄞 planet", "cold engine", 0),
          new PairExample("water", "the planet", "engine漢字 engine engine", 1),
          new PairExample("water music river", "planet", "engine", 0));

  @TempDir static Path model;

  @BeforeAll
  static void write() {
    KnownAttention.write(model, PAIRS);
  }

  static Set<String> backends() {
    return Set.copyOf(Backends.names());
  }

  @ParameterizedTest
  @MethodSource("backends")
  void massesAndEntropyAreThoseOfTheClosedForm(String backend) {
    try (Decoder decoder = KnownAttention.load(model, backend);
        Reranker reranker = KnownAttention.reranker(decoder)) {
      AttentionMeasurement seen = AttentionTap.allLayers().measure(reranker, PAIRS);
      assertEquals(List.of(0, 1), seen.layers());
      for (int i = 0; i < PAIRS.size(); i++) {
        Layout at = Layout.of(model, PAIRS.get(i));
        assertHead(seen, i, 0, 0, at, at.query(), KnownAttention.QUERY_WORTH);
        assertHead(seen, i, 0, 1, at, NOTHING, 1);
        assertHead(seen, i, 1, 0, at, NOTHING, 1);
        assertHead(seen, i, 1, 1, at, at.a(), KnownAttention.A_WORTH);
        double uniform = seen.values(LAST_ENTROPY, 0, 1)[i];
        assertEquals(Math.log(at.tokens()), uniform, EXACT);
      }
    }
  }

  @Test
  void whatComesLaterIsNotMeasured() {
    try (Decoder decoder = KnownAttention.load(model, "reference");
        Reranker reranker =
            Reranker.pairwise(decoder).withPrompt(PairPrompt.of("{doc_b} : {doc_a} : {query} :"))) {
      AttentionMeasurement seen = AttentionTap.layers(0).measure(reranker, PAIRS);
      for (AttentionQuantity ahead : List.of(A_TO_QUERY, B_TO_QUERY, B_TO_A)) {
        assertEquals(Double.NaN, seen.values(ahead, 0, 0)[0], ahead.toString());
      }
      assertEquals(0, seen.matching(0, 0).trials());
      assertTrue(seen.values(LAST_TO_QUERY, 0, 0)[0] > 0);
      assertTrue(seen.values(LAST_TO_A, 0, 0)[0] > 0);
    }
  }

  private static void assertHead(
      AttentionMeasurement seen,
      int example,
      int layer,
      int head,
      Layout at,
      TokenSpan favoured,
      double worth) {
    Map<AttentionQuantity, Double> expected =
        Map.of(
            A_TO_QUERY, at.mass(at.a(), at.query(), favoured, worth),
            B_TO_QUERY, at.mass(at.b(), at.query(), favoured, worth),
            B_TO_A, at.mass(at.b(), at.a(), favoured, worth),
            LAST_TO_QUERY, at.mass(at.last(), at.query(), favoured, worth),
            LAST_TO_A, at.mass(at.last(), at.a(), favoured, worth),
            LAST_TO_B, at.mass(at.last(), at.b(), favoured, worth),
            LAST_ENTROPY, at.entropy(favoured, worth));
    assertEquals(AttentionQuantity.values().length, expected.size());
    expected.forEach(
        (quantity, value) ->
            assertEquals(
                value,
                seen.values(quantity, layer, head)[example],
                EXACT,
                quantity + " of example " + example + ", layer " + layer + ", head " + head));
  }

  /** The adapter moves passage A's mass on the query, and nothing else. */
  @ParameterizedTest
  @MethodSource("backends")
  void trainingMovesTheMassByAKnownAmount(String backend) {
    try (Decoder decoder = KnownAttention.load(model, backend);
        LoraAdapter adapter = KnownAttention.adapter(decoder);
        Reranker base = KnownAttention.reranker(decoder)) {
      Reranker reranker = base.withAdapter(adapter.view());
      AttentionTap tap = AttentionTap.layers(0, 1);
      AttentionMeasurement before = tap.measure(reranker, PAIRS);
      KnownAttention.train(adapter, TRAINED_WORTH);
      AttentionMeasurement after = tap.measure(reranker, PAIRS);
      double[] moved = new double[PAIRS.size()];
      double[] untrained = new double[PAIRS.size()];
      for (int i = 0; i < PAIRS.size(); i++) {
        Layout at = Layout.of(model, PAIRS.get(i));
        untrained[i] = at.mass(at.a(), at.query(), at.query(), KnownAttention.QUERY_WORTH);
        moved[i] = at.mass(at.a(), at.query(), at.query(), TRAINED_WORTH);
        assertEquals(untrained[i], before.values(A_TO_QUERY, 0, 0)[i], EXACT);
        assertEquals(moved[i], after.values(A_TO_QUERY, 0, 0)[i], EXACT);
        assertTrue(moved[i] - untrained[i] > 0.05);
      }
      AttentionComparison change = AttentionComparison.of(before, after);
      MeanInterval expected = MeanInterval.ofDifferences(untrained, moved);
      MeanInterval actual = change.of(A_TO_QUERY, 0, 0);
      assertEquals(expected.mean(), actual.mean(), EXACT);
      assertEquals(expected.low(), actual.low(), 1e-5);
      assertEquals(expected.high(), actual.high(), 1e-5);
      assertEquals(expected.mean() / 2, change.of(A_TO_QUERY, 0).mean(), EXACT);
      assertEquals(0, change.of(A_TO_QUERY, 1).mean(), 0);
      assertEquals(0, change.of(B_TO_QUERY, 0, 0).mean(), EXACT);
      assertEquals(0, change.of(LAST_TO_QUERY, 0, 0).mean(), EXACT);
    }
  }

  @Test
  void keepsTheMatricesOfChosenExamples() {
    try (Decoder decoder = KnownAttention.load(model, "reference");
        Reranker reranker = KnownAttention.reranker(decoder)) {
      AttentionMeasurement seen = AttentionTap.layers(1).matrices(1).measure(reranker, PAIRS);
      assertTrue(seen.matrix(0, 1, 0).isEmpty());
      Layout at = Layout.of(model, PAIRS.get(1));
      float[][] matrix = seen.matrix(1, 1, 1).orElseThrow();
      assertEquals(at.tokens(), matrix.length);
      for (int t = 0; t < matrix.length; t++) {
        assertEquals(at.tokens(), matrix[t].length);
        double[] expected = new double[at.tokens()];
        double[] actual = new double[at.tokens()];
        for (int key = 0; key < at.tokens(); key++) {
          TokenSpan one = new TokenSpan(key, key + 1);
          expected[key] = at.mass(new TokenSpan(t, t + 1), one, at.a(), KnownAttention.A_WORTH);
          actual[key] = matrix[t][key];
        }
        assertArrayEquals(expected, actual, EXACT);
      }
      assertEquals(1 / 3.0, seen.matrix(1, 1, 0).orElseThrow()[2][0], EXACT);
    }
  }

  @Test
  void refusesWhatTheModelOrTheListLacks() {
    try (Decoder decoder = KnownAttention.load(model, "reference");
        Reranker reranker = KnownAttention.reranker(decoder)) {
      String layer =
          assertThrows(
                  IllegalArgumentException.class,
                  () -> AttentionTap.layers(0, 2).measure(reranker, PAIRS))
              .getMessage();
      assertEquals("there is no layer 2; choose from 0 to 1", layer);
      assertThrows(
          IllegalArgumentException.class,
          () -> AttentionTap.allLayers().matrices(3).measure(reranker, PAIRS));
      assertThrows(
          IllegalArgumentException.class,
          () -> AttentionTap.allLayers().measure(reranker, List.of()));
      assertThrows(IllegalArgumentException.class, () -> AttentionTap.layers());
    }
  }

  @Test
  void aPassageWithoutTokensHasNoMass() {
    List<PairExample> pairs =
        List.of(new PairExample("water", "", "engine", 1), PAIRS.get(1), PAIRS.get(2));
    try (Decoder decoder = KnownAttention.load(model, "reference");
        Reranker reranker = KnownAttention.reranker(decoder)) {
      AttentionMeasurement seen = AttentionTap.layers(0).measure(reranker, pairs);
      assertTrue(Double.isNaN(seen.values(A_TO_QUERY, 0, 0)[0]));
      assertEquals(0, seen.values(B_TO_A, 0, 0)[0]);
      assertEquals(2, seen.mean(A_TO_QUERY, 0, 0).n());
      assertEquals(2, AttentionComparison.of(seen, seen).of(A_TO_QUERY, 0).n());
      assertEquals(2, seen.matching(0, 0).trials());
    }
  }
}
