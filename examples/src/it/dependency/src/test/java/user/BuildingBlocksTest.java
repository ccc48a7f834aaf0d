package user;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.ablation.ActivationPatching;
import io.github.lorascope.ablation.KnockOut;
import io.github.lorascope.curve.CurveAnalysis;
import io.github.lorascope.data.EpochSampler;
import io.github.lorascope.data.PairExample;
import io.github.lorascope.data.Triples;
import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.decoder.LoadOptions;
import io.github.lorascope.lora.LoraAdapter;
import io.github.lorascope.lora.MergeBase;
import io.github.lorascope.onnx.OnnxExport;
import io.github.lorascope.onnx.OnnxForm;
import io.github.lorascope.onnx.OnnxReranker;
import io.github.lorascope.probe.LinearProbe;
import io.github.lorascope.probe.Pca;
import io.github.lorascope.prompt.PromptLimits;
import io.github.lorascope.report.RunReport;
import io.github.lorascope.rerank.PairScore;
import io.github.lorascope.rerank.PassagePair;
import io.github.lorascope.rerank.RankedPassage;
import io.github.lorascope.rerank.Reranker;
import io.github.lorascope.tap.AttentionTap;
import io.github.lorascope.tap.GradientTap;
import io.github.lorascope.tap.HiddenStateTap;
import io.github.lorascope.tap.HiddenStates;
import io.github.lorascope.tap.Snapshots;
import io.github.lorascope.train.RunFolder;
import io.github.lorascope.train.Trainer;
import io.github.lorascope.train.TrainingOptions;
import io.github.lorascope.train.TrainingRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Every building block, from the jars. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BuildingBlocksTest {
  private static final int STEPS = 2;

  private final GradientTap gradients = GradientTap.perLayer();
  private Triples triples;
  private List<PairExample> pairs;
  private Decoder decoder;
  private LoraAdapter adapter;
  private Reranker reranker;
  private Snapshots looks;
  private TrainingRun run;
  private Path folder;

  @BeforeAll
  void train(@TempDir Path folder) {
    this.folder = folder;
    triples = Triples.tsv(Path.of(System.getProperty("triples")), 12);
    pairs = triples.evaluationPairs();
    decoder = Decoder.load(Path.of(System.getProperty("model")), LoadOptions.nf4());
    Reranker base = Reranker.pairwise(decoder).withLimits(new PromptLimits(16, 0));
    adapter = LoraAdapter.on(decoder).targets("qkv_proj").rank(4).alpha(8).attach();
    reranker = base.withAdapter(adapter.view());
    looks = AttentionTap.allLayers().on(pairs).states(HiddenStateTap.allLayers()).lens();
    run =
        Trainer.of(base, adapter)
            .data(new EpochSampler(triples, 0))
            .evaluation(pairs)
            .options(TrainingOptions.builder().steps(STEPS).batch(4).build())
            .folder(new RunFolder(folder), false)
            .listen(gradients, looks)
            .build()
            .run();
  }

  @AfterAll
  void close() {
    adapter.close();
    reranker.close();
    decoder.close();
  }

  @Test
  void gradientsOfEveryStep() {
    assertEquals(STEPS, run.steps());
    assertEquals(STEPS, gradients.steps().size());
  }

  @Test
  void attentionAndStatesBeforeAndAfter() {
    assertTrue(looks.before().orElseThrow().attention().isPresent());
    HiddenStates states = looks.after().orElseThrow().states().orElseThrow();
    float[][] last = states.layer(decoder.config().layers());
    assertEquals(pairs.size(), last.length);
    assertEquals(pairs.size(), Pca.fit(last, 2).project(last).length);
    double accuracy =
        LinearProbe.crossValidated(3).fit(last, states.labels()).accuracy().accuracy();
    assertTrue(accuracy >= 0 && accuracy <= 1, "accuracy " + accuracy);
  }

  @Test
  void whatTheAnswerRestsOn() {
    assertEquals(
        decoder.config().layers(), KnockOut.of(reranker, adapter).run(pairs).rows().size());
    assertTrue(ActivationPatching.of(reranker, adapter).layers(2).run(pairs).n() > 0);
  }

  @Test
  void report() throws Exception {
    CurveAnalysis.of(folder).write(folder);
    RunReport.read(folder).write(folder.resolve("report.html"));
    assertTrue(Files.readString(folder.resolve("report.html")).contains("</html>"));
  }

  @Test
  void ranksTheSameWithTheSavedAdapter() {
    List<String> passages = List.of(pairs.get(0).a(), pairs.get(0).b(), pairs.get(1).a());
    List<RankedPassage> ranked = reranker.rank(pairs.get(0).query(), passages);
    Path saved = folder.resolve("saved");
    adapter.save(saved, Map.of());
    try (LoraAdapter loaded = LoraAdapter.load(decoder, saved)) {
      assertEquals(
          ranked, reranker.withAdapter(loaded.view()).rank(pairs.get(0).query(), passages));
    }
  }

  @Test
  void mergedModel() {
    Path merged = folder.resolve("merged");
    assertTrue(adapter.merge(MergeBase.DEQUANTIZED).save(merged));
    try (Decoder one = Decoder.load(merged)) {
      assertEquals(decoder.config().layers(), one.config().layers());
    }
  }

  @Test
  void sameAnswersFromOnnxRuntime() {
    Path exported = folder.resolve("onnx");
    OnnxExport.of(reranker).form(OnnxForm.NF4).write(exported);
    PairExample pair = pairs.get(0);
    List<PassagePair> asked = List.of(new PassagePair(pair.query(), pair.a(), pair.b()));
    try (OnnxReranker other = OnnxReranker.load(exported)) {
      assertArrayEquals(logits(reranker.score(asked)), logits(other.score(asked)), 0.05);
    }
  }

  private static double[] logits(List<PairScore> scores) {
    return new double[] {scores.get(0).logitA(), scores.get(0).logitB()};
  }
}
