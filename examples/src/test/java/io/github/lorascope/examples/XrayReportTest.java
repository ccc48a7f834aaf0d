package io.github.lorascope.examples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.checkpoint.SafetensorsFile;
import io.github.lorascope.checkpoint.SafetensorsWriter;
import io.github.lorascope.data.Triples;
import io.github.lorascope.json.Json;
import io.github.lorascope.json.JsonObject;
import io.github.lorascope.report.RunReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class XrayReportTest {
  @TempDir static Path folder;
  private static Program.Result first;

  @BeforeAll
  static void look() {
    TinyFolder.model(folder.resolve("model"));
    TinyFolder.triples(folder.resolve("triples.tsv"), 40);
    first = xray();
  }

  private static Program.Result xray(String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--model", folder.resolve("model").toString(),
                "--triples", folder.resolve("triples.tsv").toString(),
                "--eval", folder.resolve("triples.tsv").toString(),
                "--steps", "4",
                "--batch", "2",
                "--eval-limit", "20",
                "--probe-limit", "20",
                "--eval-every", "2",
                "--ablation-steps", "2",
                "--seeds", "2"));
    if (!List.of(more).contains("--groups")) {
      arguments.addAll(List.of("--out", out().toString(), "--groups", "all,same=0"));
    }
    arguments.addAll(List.of(more));
    return Program.run(folder.resolve("log"), XrayReport.class, arguments);
  }

  private static Path out() {
    return folder.resolve("out");
  }

  @Test
  void everyPartIsInTheFolderAndOnThePage() throws IOException {
    assertEquals(0, first.status(), first.err());
    assertEquals("open " + out().resolve("report.html"), first.lastLine());
    for (String file :
        List.of(
            "summary.json",
            "provenance.json",
            "metrics.jsonl",
            "gradients.jsonl",
            "residual.jsonl",
            "probes.jsonl",
            "lens.jsonl",
            "attention/before.safetensors",
            "attention/after.safetensors",
            "states/before.safetensors",
            "states/after.safetensors",
            "cka.json",
            "pca.safetensors",
            "knockout.json",
            "patching.json",
            "curves.json",
            "ablation.json",
            "ablation/same-seed1/metrics.jsonl")) {
      assertTrue(Files.size(out().resolve(file)) > 0, file);
    }
    String page = Files.readString(out().resolve("report.html"));
    for (String section :
        List.of(
            "telescope",
            "training",
            "gradients",
            "attention",
            "probes",
            "pca",
            "lens",
            "ablation",
            "knockout",
            "patching",
            "provenance")) {
      assertTrue(page.contains("id=\"" + section + "\""), section);
    }
  }

  @Test
  void goesOnWithWhatIsThere() throws IOException {
    byte[] adapter = Files.readAllBytes(out().resolve("adapter/adapter_model.safetensors"));
    String metrics = Files.readString(out().resolve("metrics.jsonl"));
    String ablation = Files.readString(out().resolve("ablation.json"));
    Program.Result again = xray("--resume");
    assertEquals(0, again.status(), again.err());
    assertArrayEquals(
        adapter, Files.readAllBytes(out().resolve("adapter/adapter_model.safetensors")));
    assertEquals(metrics, Files.readString(out().resolve("metrics.jsonl")));
    assertEquals(ablation, Files.readString(out().resolve("ablation.json")));
  }

  @Test
  void whatTheTrainingFoundIsNotFoundAgain() {
    assertFalse(first.err().contains("looking at pairs"), first.err());
  }

  private static Program.Result part(Class<?> part, Path run, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--run", run.toString(),
                "--model", folder.resolve("model").toString(),
                "--eval", folder.resolve("triples.tsv").toString()));
    arguments.addAll(List.of(more));
    return Program.run(folder.resolve("log-part"), part, arguments);
  }

  private static boolean looks(Program.Result result) {
    assertEquals(0, result.status(), result.err());
    return result.err().contains("looking at pairs");
  }

  /** A resumed training leaves other numbers behind, at whatever time its files say. */
  @Test
  void whatWasFoundOfAnotherAdapterIsFoundAnew() throws IOException {
    Path run = copy("other-adapter");
    assertFalse(looks(part(AttentionShift.class, run)));
    Path adapter = run.resolve("adapter/adapter_model.safetensors");
    SafetensorsFile numbers = SafetensorsFile.open(adapter);
    SafetensorsWriter other = new SafetensorsWriter();
    for (String name : numbers.names()) {
      float[] values = numbers.floats(name);
      values[0] += 1;
      other.f32(
          name, values, numbers.info(name).shape().stream().mapToLong(Long::longValue).toArray());
    }
    FileTime written = Files.getLastModifiedTime(adapter);
    other.write(run.resolve("other.safetensors"));
    Files.move(run.resolve("other.safetensors"), adapter, StandardCopyOption.REPLACE_EXISTING);
    Files.setLastModifiedTime(adapter, written);
    assertTrue(looks(part(AttentionShift.class, run)));
    assertFalse(looks(part(AttentionShift.class, run)));
  }

  @Test
  void whatWasComputedOtherwiseIsFoundAnew() throws IOException {
    Path run = copy("other-precision");
    assertTrue(looks(part(StateGeometry.class, run, "--dtype", "f32")));
    assertEquals(
        "F32", Json.read(run.resolve("cka.json")).object("provenance").string("precision"));
    assertFalse(looks(part(StateGeometry.class, run, "--dtype", "f32")));
  }

  /** There is no other half to confirm a head on. */
  @Test
  void ofASinglePairNoHeadIsNamed() throws IOException {
    Program.Result result = part(AttentionShift.class, copy("single"), "--pairs", "1");
    assertEquals(0, result.status(), result.err());
    assertTrue(result.out().contains("trained   none: too few pairs"), result.out());
  }

  @Test
  void anotherModelIsRefused() throws IOException {
    Path run = copy("other-model");
    Path another = TinyFolder.model(folder.resolve("another"));
    Program.Result result =
        Program.run(
            folder.resolve("log-model"),
            StateGeometry.class,
            List.of("--run", run.toString(), "--model", another.toString(), "--pairs", "20"));
    assertEquals(1, result.status());
    assertTrue(
        result.err().contains("was trained on the model model, not on another"), result.err());
  }

  @Test
  void anotherModelOfTheSameNameIsRefused() throws IOException {
    Path another = TinyFolder.llama(folder.resolve("elsewhere/model"));
    Program.Result result =
        Program.run(
            folder.resolve("log-model"),
            StateGeometry.class,
            List.of(
                "--run", copy("same-name").toString(),
                "--model", another.toString(),
                "--pairs", "20"));
    assertEquals(1, result.status());
    assertTrue(result.err().contains("another model of the name model, whose files"), result.err());
  }

  /** The page shows before and after together. */
  @Test
  void aLookAtOtherPairsLeavesAFolderToReport() throws IOException {
    Path run = copy("fewer");
    Files.copy(out().resolve("metrics.jsonl"), run.resolve("metrics.jsonl"));
    assertTrue(looks(part(LogitLens.class, run, "--pairs", "8")));
    RunReport.read(run).write(run.resolve("report.html"));
    assertTrue(Files.notExists(run.resolve("attention/before.safetensors")));
    assertTrue(looks(part(AttentionShift.class, run, "--pairs", "8")));
    RunReport.read(run).write(run.resolve("report.html"));
    assertTrue(Files.exists(run.resolve("attention/before.safetensors")));
  }

  /** The training's own lens of other pairs goes, and nothing else. */
  @Test
  void aFirstLookAtOtherPairsKeepsWhatItFinds() throws IOException {
    for (Class<?> part : List.of(StateGeometry.class, StateProbes.class)) {
      Path run = copy("first-" + part.getSimpleName());
      String lens = "lens/before.safetensors";
      Files.copy(out().resolve(lens), run.resolve(lens));
      Program.Result result = part(part, run, "--pairs", "16");
      assertEquals(0, result.status(), result.err());
      assertTrue(Files.exists(run.resolve("states/before.safetensors")));
      assertTrue(Files.notExists(run.resolve(lens)));
    }
  }

  /** Parts that another look left, on other pairs. */
  @Test
  void effectsOnOtherPairsAreFoundAnew() throws IOException {
    Path knockOut = out().resolve("knockout.json");
    String expected = Files.readString(knockOut);
    assertEquals(0, part(KnockOutLayers.class, out(), "--pairs", "8").status());
    assertEquals(8, Json.read(knockOut).integer("n"));
    Program.Result again = xray("--resume");
    assertEquals(0, again.status(), again.err());
    assertEquals(20, Json.read(knockOut).integer("n"));
    assertEquals(
        Json.parse(expected, "first").objects("rows").get(0).number("margin"),
        Json.read(knockOut).objects("rows").get(0).number("margin"));
    assertTrue(again.err().contains("knocking out"), again.err());
    assertFalse(again.err().contains("patching "), again.err());
  }

  @ParameterizedTest
  @ValueSource(
      classes = {
        AttentionShift.class,
        KnockOutLayers.class,
        LogitLens.class,
        PatchActivations.class,
        StateGeometry.class,
        StateProbes.class
      })
  void eachPartLooksAtTheRunByItself(Class<?> part) {
    Program.Result result =
        Program.run(
            folder.resolve(part.getSimpleName()),
            part,
            List.of(
                "--run", out().toString(),
                "--model", folder.resolve("model").toString(),
                "--eval", folder.resolve("triples.tsv").toString(),
                "--pairs", "20"));
    assertEquals(0, result.status(), result.err());
    assertTrue(
        first.out().contains(result.out()) || part == StateProbes.class,
        () -> result.out() + "is not in\n" + first.out());
    assertTrue(result.out().lines().count() > 1, result.out());
  }

  @Test
  void otherPairsAreChosenOnPurposeOnly() throws IOException {
    Path others = TinyFolder.triples(folder.resolve("others.tsv"), 60);
    List<String> arguments =
        List.of(
            "--run", copy("copy").toString(),
            "--model", folder.resolve("model").toString(),
            "--eval", others.toString());
    Program.Result refused =
        Program.run(folder.resolve("log-others"), StateGeometry.class, arguments);
    assertEquals(1, refused.status());
    assertTrue(refused.err().contains("was looked at on pairs of triples.tsv"), refused.err());
    List<String> chosen = new ArrayList<>(arguments);
    chosen.addAll(List.of("--pairs", "30"));
    Program.Result looked = Program.run(folder.resolve("log-others"), StateGeometry.class, chosen);
    assertEquals(0, looked.status(), looked.err());
    JsonObject provenance = Json.read(copy("copy").resolve("cka.json")).object("provenance");
    assertEquals("others.tsv", provenance.string("pairs"));
    assertEquals("30", provenance.string("pairs_n"));
    assertEquals(Triples.sample(others, 30, 1).sha256(), provenance.string("pairs_sha256"));
  }

  /** What a part needs of the run, for a test that changes it. */
  private static Path copy(String name) throws IOException {
    Path copy = folder.resolve(name);
    if (Files.notExists(copy)) {
      for (String file :
          List.of(
              "provenance.json",
              "adapter/adapter_config.json",
              "adapter/adapter_model.safetensors",
              "attention/before.safetensors",
              "attention/after.safetensors",
              "lens/after.safetensors",
              "states/before.safetensors",
              "states/after.safetensors")) {
        Files.createDirectories(copy.resolve(file).getParent());
        Files.copy(out().resolve(file), copy.resolve(file));
      }
    }
    return copy;
  }

  @Test
  void anAblationThatCannotBeIsRefusedBeforeTheTraining() {
    Path none = folder.resolve("none");
    Program.Result result = xray("--groups", "deep=3", "--out", none.toString());
    assertEquals(1, result.status());
    assertTrue(result.err().contains("deep (3) names layer 3"), result.err());
    assertTrue(Files.notExists(none.resolve("metrics.jsonl")));
  }

  @ParameterizedTest
  @ValueSource(classes = {CurveShape.class, GradientsByLayer.class})
  void eachSeriesIsReadByItself(Class<?> part) {
    Program.Result result =
        Program.run(folder.resolve("log-series"), part, List.of("--run", out().toString()));
    assertEquals(0, result.status(), result.err());
    assertTrue(first.out().contains(result.out()), result.out());
    assertTrue(result.out().lines().count() > 1, result.out());
    Program.Result none =
        Program.run(
            folder.resolve("log-series"), part, List.of("--run", folder.resolve("no").toString()));
    assertEquals(1, none.status());
    assertEquals(1, none.err().lines().count(), none.err());
  }

  /** As in the article's run; its groups and seeds are left out. */
  @ParameterizedTest
  @CsvSource({"full, zero-shot, false", "full, trained, true", "article, zero-shot, false"})
  void theHeadIsTrainedOrTheLanguageModels(String preset, String head, boolean trained) {
    Path run = folder.resolve(preset + "-" + head);
    Program.Result result =
        xray(
            "--groups",
            "all",
            "--dtype",
            "f32",
            "--preset",
            preset,
            "--head",
            head,
            "--out",
            run.toString());
    assertEquals(0, result.status(), result.err());
    assertEquals(trained, Json.read(run.resolve("summary.json")).bool("head_trained", !trained));
    JsonObject provenance = Json.read(run.resolve("provenance.json"));
    assertEquals(!trained, provenance.has("head_start_sha256"));
    JsonObject all = Json.read(run.resolve("ablation.json"));
    long parameters = all.node("groups").get(0).get("parameters").asLong();
    assertEquals(16 * (16 + 48) + (trained ? 32 : 0), parameters);
  }

  @Test
  void theArticlesRunNeedsItsModelAndData() {
    Program.Result result =
        Program.run(
            folder.resolve("log-article"),
            XrayReport.class,
            List.of("--preset", "article", "--out", folder.resolve("article").toString()));
    assertEquals(1, result.status());
    assertTrue(result.err().contains("--model, --triples and --eval"), result.err());
    assertEquals(1, result.err().lines().count(), result.err());
    assertTrue(Files.notExists(folder.resolve("article")));
  }
}
