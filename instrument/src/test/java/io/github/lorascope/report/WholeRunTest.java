package io.github.lorascope.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.checkpoint.SafetensorsWriter;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xml.sax.InputSource;

/** The report of a run that recorded everything, and of one in which a file is broken. */
class WholeRunTest {
  @TempDir static Path folder;

  private static String html;

  @BeforeAll
  static void write() throws IOException {
    SampleRun.write(folder);
    html = RunReport.read(folder).toHtml();
  }

  private static String main() {
    return html.substring(html.indexOf("<main>"), html.indexOf("</main>") + 7);
  }

  @Test
  void hasEverySectionInOrder() {
    assertEquals(
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
            "provenance"),
        Pattern.compile("<section id=\"([^\"]+)\"")
            .matcher(main())
            .results()
            .map(match -> match.group(1))
            .toList());
    assertFalse(html.contains("Nothing was recorded"), "everything was");
  }

  @Test
  void saysWhatTheFilesShow() {
    for (String said :
        List.of(
            "stayed near 0.693, what guessing costs, for 58 steps (1 to 58), with a mean of 0.692",
            "By layer, reading (passages → query) moves most at layer",
            "The head whose mass from the passages to the query ranks best after, picked on one half",
            "It fell fastest at step 74. Its level changes at steps 66, 92.",
            "The late layers&#39; gradient is the larger one on nine steps of ten or more.",
            "Over all heads together, beyond noise: last → query by +0.0",
            ". Not: A → query (",
            "of 162 single heads have an interval without 0; about 8 would by chance",
            "95% intervals at step 0 and at step 200 are apart at 7 of 19 depths",
            "better than chance (interval above 0.5) behind 12 layers and at every depth after",
            "lowers the margin, with an interval below 0, at layers 11–17; most at layer 15",
            "Of 2 differences 1 exceeds noise: all against early+middle.",
            "every file that states any")) {
      assertTrue(html.contains(said), () -> said + "\n" + main().substring(0, 6000));
    }
  }

  @Test
  void isWellFormed() throws Exception {
    DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(main().replace("&quot;", "'"))));
    List<String> ids =
        Pattern.compile(" id=\"([^\"]+)\"")
            .matcher(main())
            .results()
            .map(MatchResult::group)
            .toList();
    assertEquals(ids.stream().distinct().toList(), ids);
  }

  @Test
  void givesEveryFigureItsValuesAsATable() {
    assertEquals(count("<figure "), count("<details>"));
    assertEquals(count("<figure "), count("class=\"plot\""));
  }

  private static long count(String text) {
    return Pattern.compile(text, Pattern.LITERAL).matcher(main()).results().count();
  }

  /** Each file is as small as it can be to be wrong in the one way that is named. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "gradients.jsonl | {'step':1,'layers':[0,1],'norm':[1]} | gradients.jsonl line 1: norm has 1",
        "gradients.jsonl | {'step':1,'norm':[1]} | gradients.jsonl line 1: layers is missing",
        "gradients.jsonl | {'step':1,'layers':[1,0]} | gradients.jsonl line 1: layers do not ascend",
        "gradients.jsonl | {'step':1,'layers':[0],'norm':['x']} | line 1: norm[0] has to be a number",
        "gradients.jsonl | {'step':1,'layers':[0]}\\n{'step':2,'layers':[1]} | line 2: layers differ",
        "residual.jsonl | {'step':1,'layers':[0],'norm':3} | line 1: norm has to be a list",
        "lens.jsonl | {'step':0,'layers':[0],'n':'many'} | lens.jsonl line 1: n has to be a number",
        "probes.jsonl | {'step':0,'accuracy':1} | probes.jsonl line 1: layer is missing",
        "probes.jsonl | {'step':0,'layer':-1} | probes.jsonl line 1: layer is -1",
        "knockout.json | {'n':1,'rows':[{'layer':2147483000}]} | beyond the 10000th",
        "curves.json | {'series':[{'name':'loss','plateau':{'from':1}}]} | series[0].plateau.to",
        "knockout.json | {'rows':[]} | knockout.json: n is missing",
        "knockout.json | {'n':4,'rows':[{'layer':'x'}]} | rows[0].layer has to be a whole number",
        "patching.json | {'n':4,'rows':[{'layer':1}]} | rows[0].position is missing",
        "cka.json | {'rows':[7]} | rows[0] has to be an object",
        "ablation.json | {'n':1,'groups':[{'name':'a'}],'runs':[]} | groups[0].layers is missing",
        "provenance.json | [ | provenance.json",
        "pca.safetensors | x | pca.safetensors",
        "attention/after.safetensors | x | after.safetensors"
      })
  void namesTheFileAndTheField(String file, String text, String says, @TempDir Path broken)
      throws IOException {
    Files.createDirectories(broken.resolve("attention"));
    Files.writeString(broken.resolve("summary.json"), "{}");
    Files.writeString(broken.resolve(file), text.replace('\'', '"').replace("\\n", "\n"));
    String message = assertThrows(ReportException.class, () -> RunReport.read(broken)).getMessage();
    assertTrue(message.contains(says), message);
  }

  @Test
  void refusesMatricesOfTheWrongShape(@TempDir Path broken) throws IOException {
    Files.createDirectories(broken.resolve("attention"));
    Files.writeString(broken.resolve("summary.json"), "{}");
    Path after = broken.resolve("attention/after.safetensors");
    attention(3, 2).write(after);
    assertTrue(
        message(broken).contains("mass.b_to_a has the shape [2, 1, 3] instead of [2, 1, 2]"));
    attention(2, 2).write(after);
    new SafetensorsWriter()
        .f32("mass.b_to_a", new float[2], 1, 1, 2)
        .i64("layers", new long[] {0}, 1)
        .i64("labels", new long[] {0}, 1)
        .write(broken.resolve("attention/before.safetensors"));
    assertTrue(message(broken).contains("before and after are of different examples"));
    Files.delete(broken.resolve("attention/before.safetensors"));
    new SafetensorsWriter()
        .f32("before.3", new float[6], 3, 2)
        .i64("labels", new long[] {0, 1}, 2)
        .write(broken.resolve("pca.safetensors"));
    assertTrue(message(broken).contains("before.3 has the shape [3, 2] instead of [2, 2]"));
  }

  private static SafetensorsWriter attention(int heads, int first) {
    return new SafetensorsWriter()
        .f32("mass.a_to_query", new float[2 * first], 2, 1, first)
        .f32("mass.b_to_a", new float[2 * heads], 2, 1, heads)
        .i64("layers", new long[] {0}, 1)
        .i64("labels", new long[] {0, 1}, 2);
  }

  private static String message(Path broken) {
    return assertThrows(ReportException.class, () -> RunReport.read(broken)).getMessage();
  }

  /** Any file may be missing; the rest is shown. */
  @Test
  void leavesOutWhatIsMissing(@TempDir Path part) throws IOException {
    SampleRun.write(part);
    List<String> sections = new ArrayList<>();
    for (String file :
        List.of("gradients.jsonl", "lens.jsonl", "probes.jsonl", "knockout.json", "cka.json")) {
      Files.delete(part.resolve(file));
      String page = RunReport.read(part).toHtml();
      assertTrue(page.contains(file + ".</p>") || page.contains(file + ","), file);
      sections.add(page.contains("id=\"telescope\"") ? file : "no telescope");
    }
    String page = RunReport.read(part).toHtml();
    assertFalse(page.contains("<section id=\"lens\""));
    assertFalse(page.contains("<section id=\"knockout\""));
    assertFalse(sections.contains("no telescope"), "the ablation is left to it");
  }

  /** Seeds of an earlier ablation, or of one that is under way, are not in ablation.json. */
  @Test
  void leavesRunsOutThatTheAblationDoesNotName(@TempDir Path part) throws IOException {
    SampleRun.write(part);
    Path stale = Files.createDirectories(part.resolve("ablation/all-seed9"));
    Files.writeString(stale.resolve("metrics.jsonl"), "{\"step\":1,\"smoothed_loss\":9}");
    assertEquals(html, RunReport.read(part).toHtml());
  }

  /** Three seeds answer the same pairs: they are no sample of three times as many. */
  @Test
  void doesNotTakeSeedsForMorePairs(@TempDir Path part) throws IOException {
    Files.writeString(part.resolve("summary.json"), "{}");
    String runs =
        IntStream.range(0, 3)
            .mapToObj(seed -> "{'group':'late','seed':" + seed + ",'accuracy':0.8425}")
            .collect(Collectors.joining(",", "[", "]"));
    String file =
        "{'n':400,'groups':[{'name':'late','layers':[1]%s}],'runs':%s}".replace('\'', '"');
    Path ablation = part.resolve("ablation.json");
    Files.writeString(ablation, String.format(Locale.ROOT, file, "", runs.replace('\'', '"')));
    String page = RunReport.read(part).toHtml();
    assertTrue(
        page.contains("Trained alone: late 0.8425 [0.804, 0.875]."), page.substring(0, 9000));
    String own = ",\"accuracy\":0.8425,\"low\":0.7,\"high\":0.9";
    Files.writeString(ablation, String.format(Locale.ROOT, file, own, runs.replace('\'', '"')));
    assertTrue(RunReport.read(part).toHtml().contains("late 0.8425 [0.700, 0.900]"), "its own");
  }
}
