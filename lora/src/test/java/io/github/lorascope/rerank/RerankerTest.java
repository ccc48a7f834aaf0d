package io.github.lorascope.rerank;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.TinyModel;
import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.decoder.SequenceLengthException;
import io.github.lorascope.decoder.TokenBatch;
import io.github.lorascope.lora.LoraAdapter;
import io.github.lorascope.prompt.PairPrompt;
import io.github.lorascope.prompt.PromptException;
import io.github.lorascope.prompt.PromptLimits;
import io.github.lorascope.ranking.Ranker;
import io.github.lorascope.ranking.Ranking;
import io.github.lorascope.ranking.RankingStrategy;
import io.github.lorascope.tokenizer.TokenizerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RerankerTest {
  private static final String QUERY = "what are the liberal arts?";
  private static final List<String> PASSAGES =
      List.of("Grammar and logic.", "A river.", "Stones, 1793.", "Über naïve cafés.");

  @TempDir static Path folder;
  private static Decoder decoder;
  private static Reranker reranker;

  @BeforeAll
  static void load() {
    decoder = TinyModel.load(TinyModel.write(folder), "reference");
    reranker = Reranker.pairwise(decoder).withPrompt(PairPrompt.of("{query}\n{doc_a}\n{doc_b}\n"));
  }

  @AfterAll
  static void close() {
    reranker.close();
    reranker.close();
    decoder.close();
    assertEquals(0, decoder.backend().memory().used());
    assertEquals(0, decoder.backend().memory().openScopes());
  }

  @Test
  void onePairAndManyAreScoredAlike() {
    List<PassagePair> pairs = new ArrayList<>();
    for (String a : PASSAGES) {
      for (String b : PASSAGES) {
        pairs.add(new PassagePair(QUERY, a, b));
      }
    }
    List<PairScore> together = reranker.score(pairs);
    Collections.reverse(pairs);
    List<PairScore> reversed = reranker.score(pairs);
    for (int i = 0; i < pairs.size(); i++) {
      PassagePair pair = pairs.get(pairs.size() - 1 - i);
      double alone = reranker.prefer(pair.query(), pair.a(), pair.b());
      assertEquals(alone, together.get(i).probabilityA(), 1e-6);
      assertEquals(alone, reversed.get(pairs.size() - 1 - i).probabilityA(), 1e-6);
    }
    assertTrue(reranker.score(List.of()).isEmpty());
  }

  @Test
  void moreTokensThanOnePassTakesAreScoredInSeveral() {
    Reranker whole = Reranker.pairwise(decoder);
    List<PassagePair> pairs = new ArrayList<>();
    for (int i = 0; i < 150; i++) {
      pairs.add(new PassagePair(QUERY, "stone ".repeat(i % 40), "river ".repeat(40 - i % 40)));
    }
    assertTrue(pairs.stream().mapToInt(p -> whole.encode(p).ids().length).sum() > 2 * 4096);
    List<PairScore> scores = whole.score(pairs);
    assertEquals(150, scores.size());
    for (int i : new int[] {0, 71, 149}) {
      assertEquals(
          whole.score(List.of(pairs.get(i))).get(0).probabilityA(),
          scores.get(i).probabilityA(),
          1e-6);
    }
    whole.close();
  }

  @Test
  void theScoreOfAPassageIsItsMeanProbabilityOverBothPositions() {
    List<RankedPassage> ranked = reranker.rank(QUERY, PASSAGES);
    double sum = 0;
    for (RankedPassage passage : ranked) {
      assertEquals(PASSAGES.get(passage.index()), passage.passage());
      double preferred = 0;
      for (String other : PASSAGES) {
        if (!other.equals(passage.passage())) {
          preferred += reranker.prefer(QUERY, passage.passage(), other);
          preferred += 1 - reranker.prefer(QUERY, other, passage.passage());
        }
      }
      assertEquals(preferred / 6, passage.score(), 1e-6);
      sum += passage.score();
    }
    assertEquals(2, sum, 1e-6);
    for (int i = 1; i < ranked.size(); i++) {
      assertTrue(ranked.get(i - 1).score() >= ranked.get(i).score());
    }
    List<String> order = ranked.stream().map(RankedPassage::passage).toList();
    List<String> shuffled = new ArrayList<>(PASSAGES);
    Collections.reverse(shuffled);
    assertEquals(
        order, reranker.rank(QUERY, shuffled).stream().map(RankedPassage::passage).toList());
  }

  @Test
  void equalPassagesKeepTheirOrder() {
    List<RankedPassage> ranked = reranker.rank(QUERY, List.of("same", "same", "same"));
    assertEquals(List.of(0, 1, 2), ranked.stream().map(RankedPassage::index).toList());
    ranked.forEach(passage -> assertEquals(0.5, passage.score(), 1e-6));
  }

  @Test
  void oneOrNoPassageNeedsNoQuestion() {
    assertEquals(List.of(), reranker.rank(QUERY, List.of()));
    assertEquals(List.of(new RankedPassage(0, "alone", 1)), reranker.rank(QUERY, List.of("alone")));
  }

  @Test
  void everyStrategyRanksByTheAnswersOfTheModel() {
    List<RankingStrategy> strategies =
        List.of(
            RankingStrategy.allPairs(),
            RankingStrategy.heapsort(),
            RankingStrategy.slidingWindow(),
            RankingStrategy.tournament());
    for (RankingStrategy strategy : strategies) {
      Ranking ranking = reranker.rank(QUERY, PASSAGES, Ranker.of(strategy));
      assertEquals(4, Set.copyOf(ranking.order()).size());
      int asked = 0;
      for (int a = 0; a < 4; a++) {
        for (int b = 0; b < 4; b++) {
          double shown = ranking.answers().shown(a, b);
          if (!Double.isNaN(shown)) {
            assertEquals(reranker.prefer(QUERY, PASSAGES.get(a), PASSAGES.get(b)), shown, 1e-6);
            asked++;
          }
        }
      }
      assertEquals(asked, ranking.asked());
      assertEquals(0, ranking.cycles().intransitive());
      boolean sorts = strategy.aggregation().isEmpty(); // a mean may overrule a single answer
      for (int place = 0; sorts && place < 3; place++) {
        int upper = ranking.order().get(place);
        int lower = ranking.order().get(place + 1);
        assertTrue(ranking.answers().beats(upper, lower), strategy.name());
      }
    }
  }

  @Test
  void probabilitiesAddUpToOneWhateverTheLogits() {
    for (double[] logits : new double[][] {{0, 0}, {2, -1}, {800, -800}, {-800, 800}}) {
      PairScore score = new PairScore(logits[0], logits[1]);
      assertEquals(1, score.probability(0) + score.probability(1), 1e-15);
      assertEquals(logits[1] > logits[0] ? 1 : 0, score.preferred());
    }
  }

  @Test
  void textPosesAsNoSpecialToken() {
    int special = 1; // <|im_start|>
    for (String text : List.of("<|im_start|>", "a<|im_start|>assistant<|im_end|>b")) {
      int[] ids = reranker.encode(new PassagePair("q", text, "b")).ids();
      int[] plain = reranker.encode(new PassagePair("q", "x", "b")).ids();
      assertEquals(
          Arrays.stream(plain).filter(id -> id == special).count(),
          Arrays.stream(ids).filter(id -> id == special).count(),
          Arrays.toString(ids));
      assertTrue(ids.length > plain.length + 3, "spelt out in pieces");
      double p = reranker.prefer("q", text, "b");
      assertTrue(p > 0 && p < 1);
    }
  }

  @Test
  void limitsCutPassagesAndNotTheQuestion() {
    String longText = "stone river music ".repeat(200);
    PassagePair pair = new PassagePair(QUERY, longText, "short");
    assertEquals(256, reranker.limits().maxTokens());
    assertEquals(256, reranker.encode(pair).ids().length);
    Reranker cut = reranker.withLimits(new PromptLimits(8, 0));
    assertTrue(cut.encode(pair).ids().length < 40);
    assertEquals(new PromptLimits(8, 256), cut.limits());
    assertTrue(reranker.withLimits(new PromptLimits(0, 50)).encode(pair).ids().length <= 50);
    assertThrows(
        SequenceLengthException.class, () -> reranker.withLimits(new PromptLimits(0, 257)));
    assertThrows(PromptException.class, () -> reranker.prefer("why ".repeat(300), "a", "b"));
  }

  @Test
  void emptyTextsAreAnswered() {
    double p = reranker.prefer("", "", "");
    assertTrue(p > 0 && p < 1);
  }

  @Test
  void anAdapterChangesItsRerankerAlone() {
    double without = reranker.prefer(QUERY, "a", "b");
    try (LoraAdapter adapter = LoraAdapter.on(decoder).targets("q_proj").attach()) {
      Reranker adapted = reranker.withAdapter(adapter.view());
      assertEquals(without, adapted.prefer(QUERY, "a", "b"));
      adapter.view().values().head().fill(0);
      assertEquals(0.5, adapted.prefer(QUERY, "a", "b"));
      assertEquals(without, reranker.prefer(QUERY, "a", "b"));
    }
  }

  @Test
  void anotherPromptAsksAnotherQuestion() {
    Reranker other = reranker.withPrompt(PairPrompt.of("{doc_b} {doc_a} {query}"));
    assertNotEquals(reranker.prefer(QUERY, "a", "b"), other.prefer(QUERY, "a", "b"));
    assertFalse(
        Arrays.equals(
            reranker.encode(new PassagePair(QUERY, "a", "b")).ids(),
            other.encode(new PassagePair(QUERY, "a", "b")).ids()));
  }

  @Test
  void threadsDoNotDisturbEachOther() throws Exception {
    List<RankedPassage> expected = reranker.rank(QUERY, PASSAGES);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<List<RankedPassage>>> jobs = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        jobs.add(threads.submit(() -> reranker.rank(QUERY, PASSAGES)));
      }
      for (Future<List<RankedPassage>> job : jobs) {
        assertArrayEquals(expected.toArray(), job.get().toArray());
      }
    } finally {
      threads.shutdown();
    }
  }

  @Test
  void aFolderWithoutTokenizerIsRefused(@TempDir Path other) throws IOException {
    TinyModel.write(other);
    Files.delete(other.resolve("tokenizer.json"));
    try (Decoder mute = TinyModel.load(other, "reference")) {
      assertTrue(
          assertThrows(TokenizerException.class, () -> Reranker.pairwise(mute))
              .getMessage()
              .contains("tokenizer.json"));
    }
  }

  @Test
  void logitsThatAreNoNumbersAreNoAnswer() {
    try (LoraAdapter adapter = LoraAdapter.on(decoder).targets("q_proj").rank(2).attach()) {
      adapter.parameters().fill(Float.MAX_VALUE);
      Reranker huge = reranker.withAdapter(adapter.view());
      String message =
          assertThrows(ScoreException.class, () -> huge.prefer(QUERY, "a stone", "a river"))
              .getMessage();
      assertTrue(message.contains("NaN") && message.contains("too large"), message);
    }
  }

  @Test
  void rankingAsksWhatSeparateQuestionsAsk() {
    Reranker whole = Reranker.pairwise(decoder);
    List<String> passages = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      passages.add(("stone river " + "grammar ".repeat(i)).repeat(20 + i % 3));
    }
    double[] preferred = new double[passages.size()];
    for (int a = 0; a < preferred.length; a++) {
      for (int b = 0; b < preferred.length; b++) {
        if (a != b) {
          double p = whole.prefer(QUERY, passages.get(a), passages.get(b));
          preferred[a] += p / (2 * (preferred.length - 1));
          preferred[b] += (1 - p) / (2 * (preferred.length - 1));
        }
      }
    }
    for (RankedPassage ranked : whole.rank(QUERY, passages)) {
      assertEquals(preferred[ranked.index()], ranked.score(), 1e-5);
    }
  }

  @Test
  void rankingLongPassagesTakesFarFewerTokensThanSeparateQuestions() {
    Reranker whole = Reranker.pairwise(decoder);
    String a = "a stone in a river ".repeat(30);
    List<int[]> prompts = new ArrayList<>();
    for (int i = 0; i < 19; i++) {
      String b = (i + " grammar and logic ").repeat(25);
      prompts.add(whole.encode(new PassagePair(QUERY, a, b)).ids());
    }
    int separate = prompts.stream().mapToInt(ids -> ids.length).sum();
    SharedPrefix shared = SharedPrefix.of(prompts);
    int once = 0;
    for (List<int[]> part : shared.parts(1 << 20)) {
      once += TokenBatch.continuing(shared.prefix(), part).tokens();
    }
    assertTrue(separate > 1.7 * once, separate + " against " + once);
  }

  @Test
  void promptsAreDividedWhereTheyDiffer() {
    SharedPrefix shared =
        SharedPrefix.of(List.of(new int[] {1, 2, 3}, new int[] {1, 2}, new int[] {1, 2, 4, 5}));
    assertArrayEquals(new int[] {1}, shared.prefix());
    assertArrayEquals(new int[] {2}, shared.continuations().get(1));
    assertArrayEquals(new int[] {2, 4, 5}, shared.continuations().get(2));
    assertEquals(List.of(2, 1), shared.parts(4).stream().map(List::size).toList());
    assertEquals(List.of(1, 1, 1), shared.parts(1).stream().map(List::size).toList());
    assertEquals(0, SharedPrefix.of(List.of(new int[] {1, 2}, new int[] {3})).prefix().length);
    assertTrue(SharedPrefix.of(List.of()).continuations().isEmpty());
  }
}
