package io.github.lorascope.report.section;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.checkpoint.SafetensorsWriter;
import io.github.lorascope.report.data.RunFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said in words, of files as small as show it. */
class FindingsTest {
  @TempDir Path folder;

  @BeforeEach
  void summary() throws IOException {
    write("summary.json", "{}");
  }

  private void write(String file, String text) throws IOException {
    Files.writeString(folder.resolve(file), text.replace('\'', '"'));
  }

  private String said() {
    return new Findings(RunFiles.read(folder)).toHtml();
  }

  private void says(String text) {
    String said = said();
    assertTrue(said.contains(text), said);
  }

  private void doesNotSay(String text) {
    String said = said();
    assertFalse(said.contains(text), said);
  }

  @Test
  void aLossThatRisesIsSaidToRise() throws IOException {
    String curve =
        "{'provenance':{},'series':[{'name':'loss','plateau':null,'change_points':[],"
            + "'steepest':{'step':74,'slope':%s}}]}";
    write("curves.json", String.format(Locale.ROOT, curve, "0.01"));
    says("<dd>The training loss rose fastest at step 74.</dd>");
    write("curves.json", String.format(Locale.ROOT, curve, "-0.01"));
    says("<dd>The training loss fell fastest at step 74.</dd>");
  }

  @Test
  void oneStepIsNoPlural() throws IOException {
    write("summary.json", "{'steps':1,'pairs':16}");
    says("Training ran 1 step, 16 pairs.");
  }

  @Test
  void whatEvaluationAndTrainingShareIsSaid() throws IOException {
    String accuracy =
        "{'accuracy_before':0.5,'accuracy_after':%s,'accuracy_after_n':40,"
            + "'evaluation_shared_passages':%d}";
    write("summary.json", String.format(Locale.ROOT, accuracy, "0.75", 12));
    says(
        "Accuracy on 40 held-out pairs (12 with a passage that is trained on, right or wrong) rose");
    write("summary.json", String.format(Locale.ROOT, accuracy, "0.5", 0));
    says("Accuracy on 40 held-out pairs is as before: 0.500");
  }

  @Test
  void anotherStepThanTheLastIsNotCalledAfter() throws IOException {
    String probe = "{'step':%d,'layer':1,'n':50,'accuracy':%s,'low':%s,'high':%s}\n";
    write("summary.json", "{'steps':200}");
    write(
        "probes.jsonl",
        String.format(Locale.ROOT, probe, 100, "0.5", "0.4", "0.6")
            + String.format(Locale.ROOT, probe, 160, "0.8", "0.7", "0.9"));
    says("intervals at step 100 and at step 160 are apart at 1 of 1 depth.");
    says("It gained most behind 1 layer: from");
    String section = ProbeSection.of(RunFiles.read(folder)).toHtml();
    assertTrue(section.contains("step 100") && section.contains("step 160"), section);
    assertFalse(section.contains("before") || section.contains("after"), section);
    write(
        "probes.jsonl",
        "{'step':0,'layer':1,'n':50,'accuracy':null}\n"
            + String.format(Locale.ROOT, probe, 160, "0.8", "0.7", "0.9"));
    assertTrue(ProbeSection.of(RunFiles.read(folder)).toHtml().contains("step 160"));
    doesNotSay("linear probe");
  }

  private static String lens(int step, String ends) {
    return "{'step':" + step + ",'n':200,'layers':[0,1],'accuracy':[0.5,0.56]" + ends + "}\n";
  }

  @Test
  void chanceIsNotClaimedOfWhatIsOnlyNotShown() throws IOException {
    String wide = ",'accuracy_low':[0.43,0.491],'accuracy_high':[0.57,0.627]";
    write("lens.jsonl", lens(0, wide) + lens(200, wide));
    write("metrics.jsonl", "{'step':200,'loss':0.6}\n");
    says("At step 200 the head is not shown");
    write("summary.json", "{'steps':300}");
    says("At step 200 the head is not shown");
    write("summary.json", "{'steps':200}");
    says(
        "After the training the head is not shown to answer better than chance even from the last"
            + " depth: 0.560 [0.491, 0.627] on 200 pairs.");
    write("lens.jsonl", lens(0, "") + lens(200, ""));
    doesNotSay("the head");
  }

  /** A run that was killed after its first evaluation has the untrained model's line alone. */
  @Test
  void aLensOfOneStepIsNotTakenForTheTrainedModels() throws IOException {
    write("lens.jsonl", lens(0, ",'accuracy_low':[0.43,0.51],'accuracy_high':[0.57,0.63]"));
    says(
        "Before the training the head would answer better than chance (interval above 0.5) behind 1"
            + " layer.");
    doesNotSay("After the training");
    String section = LensSection.of(RunFiles.read(folder)).toHtml();
    assertTrue(section.contains("before"), section);
    assertFalse(section.contains("after"), section);
  }

  private void ratios(double... values) throws IOException {
    write(
        "gradients.jsonl",
        IntStream.range(0, values.length)
            .mapToObj(
                i -> "{'step':" + (i + 1) + ",'layers':[0],'late_early_ratio':" + values[i] + "}")
            .collect(Collectors.joining("\n")));
  }

  @Test
  void nineStepsOfTenAreCounted() throws IOException {
    ratios(2, 2, 2, 2, 2, 2, 2, 2, 0.5, 0.5);
    says("Neither is larger throughout.");
    ratios(2, 2, 2, 2, 2, 2, 2, 2, 2, 0.5);
    says("The late layers&#39; gradient is the larger one on nine steps of ten or more.");
    ratios(2, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5);
    says("The early layers&#39; gradient is the larger one on nine steps of ten or more.");
  }

  @Test
  void fewStepsMakeNoRule() throws IOException {
    ratios(4, 0.5, 2, 3);
    says("gradient norm is 2.5 times that of the early layers, early / late 0.4, of 4 steps.");
    doesNotSay("of ten");
    doesNotSay("larger");
  }

  @Test
  void howManyLayersChanceWouldNameIsSaid() throws IOException {
    String rows =
        IntStream.range(0, 20)
            .mapToObj(
                layer ->
                    "{'layer':"
                        + layer
                        + ",'margin_change':-0.1,'margin_change_low':-0.2,'margin_change_high':"
                        + (layer == 7 ? -0.01 : 0.01)
                        + "}")
            .collect(Collectors.joining(","));
    write("knockout.json", "{'provenance':{},'n':100,'rows':[" + rows + "]}");
    says("If no layer had an effect, chance alone would show about 0.5 of 20 so.");
  }

  private void attention(String when, float last) {
    SafetensorsWriter writer = new SafetensorsWriter();
    for (String mass : List.of("mass.a_to_query", "mass.b_to_query")) {
      writer.f32(mass, new float[4], 4, 1, 1);
    }
    writer.f32("mass.last_to_query", new float[] {last, last + 0.1f, last, last}, 4, 1, 1);
    writer.i64("layers", new long[] {0}, 1).i64("labels", new long[] {0, 1, 0, 1}, 4);
    writer.write(folder.resolve("attention").resolve(when + ".safetensors"));
  }

  /** Where the query comes after the passages, all masses on it are zero. */
  @Test
  void headsThatCannotSeeTheQueryMatchNoWords() throws IOException {
    Files.createDirectories(folder.resolve("attention"));
    attention("before", 0.1f);
    attention("after", 0.2f);
    says("last → query");
    doesNotSay("matches words best");
    String section = AttentionSection.of(RunFiles.read(folder)).toHtml();
    assertFalse(section.contains("matching-before"), section);
  }
}
