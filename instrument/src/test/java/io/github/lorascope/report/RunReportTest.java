package io.github.lorascope.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.LorascopeException;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xml.sax.InputSource;

class RunReportTest {
  private static final String SUMMARY =
      """
      {"model": "m<script>alert('x')</script>", "accuracy_before": 0.5025,
       "accuracy_before_low": 0.4537, "accuracy_before_high": 0.5512, "accuracy_after": 0.8425,
       "accuracy_after_low": 0.8036, "accuracy_after_high": 0.875, "eval_n": 400, "steps": 3,
       "tokens_per_second": 1665.3, "seconds": 720.6, "seed": 42,
       "adapter": {"rank": 16, "targets": ["qkv_proj"]}, "a&b": "\\"onload=\\"x"}
      """;
  private static final String METRICS =
      """
      {"step": 1, "loss": 0.7, "accuracy": 0.5, "learning_rate": 1e-4, "unknown": {"x": []}}
      {"step": 2, "loss": null, "accuracy": 0.625, "learning_rate": 2e-4}

      {"step": 3, "loss": 0.5, "accuracy": 0.75, "learning_rate": 1e-4, "eval_accuracy": 0.8425, "eval_accuracy_low": 0.8036, "eval_accuracy_high": 0.875, "eval_n": 400}
      """;

  @TempDir Path folder;

  private RunReport report(String summary, String metrics) throws IOException {
    Files.writeString(folder.resolve("summary.json"), summary);
    Files.writeString(folder.resolve("metrics.jsonl"), metrics);
    return RunReport.read(folder);
  }

  @Test
  void saysTheNumbersWithTheirIntervals() throws IOException {
    String html = report(SUMMARY, METRICS).toHtml();
    assertTrue(
        html.contains(
            "Accuracy on 400 held-out pairs rose from 0.5025 [0.454, 0.551] to 0.8425 [0.804,"
                + " 0.875], by 34.0 points. The 95% intervals are apart"),
        html);
    assertTrue(html.contains("Training ran 3 steps in 12 min 1 s (1,665 tokens a second)."));
    assertTrue(html.contains("ln 2: guessing"));
    assertTrue(html.contains("Nothing was recorded of: Mean P(correct), Gradient norm."));
    assertTrue(html.contains("<td>adapter.rank</td><td>16</td>"));
    assertTrue(html.contains("<td>seed</td><td>42</td>"));
    assertFalse(html.contains("<td>eval_n</td>"), "said in the paragraph");
  }

  @Test
  void doesNotClaimWhatOverlappingIntervalsDoNotShow() {
    String html =
        RunReport.of(
                RunSummary.of(
                    Map.of(
                        "accuracy_before", 0.83,
                        "accuracy_before_low", 0.79,
                        "accuracy_before_high", 0.864,
                        "accuracy_after", 0.8425,
                        "accuracy_after_low", 0.803,
                        "accuracy_after_high", 0.875)),
                new RunMetrics())
            .toHtml();
    assertTrue(html.contains("The 95% intervals overlap"), html);
  }

  @Test
  void drawsEveryPointAndLeavesGaps() throws IOException {
    String html = report(SUMMARY, METRICS).toHtml();
    // Heights: 196 - 186 * loss / 0.8, the axis going from 0 to 0.8.
    assertEquals(List.of("M46 33.3h0M410 79.8h0"), paths(html, "each batch"));
    assertEquals(1, count(html, "<circle [^>]*r=\"3.2\"><title>step 3: 0.8425 \\[0.804, 0.875\\]"));
    assertEquals(
        1, count(html, "data-name=\"learning rate\" data-points=\"1,1e-4 2,2e-4 3,1e-4\""));
    assertEquals(1, count(html, "data-name=\"each batch\" data-points=\"1,0.7 3,0.5\""));
  }

  @Test
  void keepsSpikesOfALongRunInASmallPage() {
    RunMetrics metrics = new RunMetrics();
    for (int step = 1; step <= 100_000; step++) {
      metrics.add(step, Map.of("loss", step == 77_777 ? 9.5 : 0.5));
    }
    String html = RunReport.of(new RunSummary(Map.of()), metrics).toHtml();
    assertTrue(html.contains(" 77777,9.5 "));
    assertTrue(html.length() < 200_000, () -> html.length() + " characters");
  }

  @Test
  void needsNothingElse() throws IOException {
    String html = report(SUMMARY, METRICS).toHtml();
    assertFalse(Pattern.compile("(?i)https?:|@import|url\\(").matcher(html).find());
    assertEquals(
        List.of("href=\"data:,\""),
        Pattern.compile("\\b(src|href)=\"[^\"]*\"")
            .matcher(html)
            .results()
            .map(MatchResult::group)
            .toList());
    assertTrue(html.contains("prefers-color-scheme: dark"));
    assertTrue(html.contains("width=device-width"));
  }

  @Test
  void escapesWhateverItIsGiven() throws IOException {
    String html =
        report(SUMMARY, METRICS)
            .title("</title><img src=x onerror=alert(1)>")
            .table("<b>q</b>", List.of("<i>"), List.of(List.of("\u0000\ud800</table><script>")))
            .toHtml();
    assertFalse(html.contains("<script>alert"));
    assertFalse(html.contains("<img"));
    assertFalse(html.contains("<b>"));
    assertTrue(html.contains("m&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;"));
    assertTrue(html.contains("<td>a&amp;b</td><td>&quot;onload=&quot;x</td>"));
    assertTrue(html.contains("<td>\ufffd\ufffd&lt;/table&gt;&lt;script&gt;</td>"));
    assertEquals(1, count(html, "<script"));
  }

  /** What is within main is XML but for the entities; a parser finds tags that do not match. */
  @Test
  void isWellFormed() throws Exception {
    String html = report(SUMMARY, METRICS).toHtml();
    String main = html.substring(html.indexOf("<main>"), html.indexOf("</main>") + 7);
    DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(main.replace("&quot;", "'"))));
    assertEquals(count(html, "<svg "), count(html, "role=\"img\" aria-label=\""));
  }

  @Test
  void readsTheSameEverywhere() throws IOException {
    String expected = report(SUMMARY, METRICS).toHtml();
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag("ar-EG"));
    try {
      assertEquals(expected, report(SUMMARY, METRICS).toHtml());
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void drawsNothingFromNothing() throws IOException {
    String html = report("{}", "").toHtml();
    assertEquals(0, count(html, "<svg"));
    assertTrue(html.contains("Nothing was recorded of: Training loss, Accuracy,"));
    String diverged =
        RunReport.of(
                RunSummary.of(Map.of("accuracy_after", Double.NaN)),
                new RunMetrics()
                    .add(1, Map.of("loss", Double.NaN, "gradient_norm", Double.POSITIVE_INFINITY))
                    .add(2, Map.of("loss", Float.NaN)))
            .toHtml();
    assertEquals(0, count(diverged, "<svg"));
    assertTrue(diverged.contains("<td>accuracy_after</td><td>NaN</td>"));
  }

  @Test
  void drawsASingleStepAndAConstant() {
    RunMetrics metrics = new RunMetrics().add(7, Map.of("loss", 0.6, "learning_rate", 0));
    String html = RunReport.of(new RunSummary(new TreeMap<>()), metrics).toHtml();
    assertFalse(html.contains("NaN"));
    assertFalse(html.contains("Infinity"));
    assertEquals(1, count(html, "data-points=\"7,0\""));
  }

  @Test
  void linesOfAResumedRunWin() throws IOException {
    String html =
        report("{}", "{\"step\":1,\"loss\":1}\n{\"step\":2,\"loss\":9}\n{\"step\":2,\"loss\":3}")
            .toHtml();
    assertTrue(html.contains("data-points=\"1,1 2,3\""));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{} | {\"step\":1} \\n {\"step\":2 | metrics.jsonl line 2",
        "{} | {\"step\":1} \\n\\n [1] | metrics.jsonl line 3",
        "{} | {\"loss\":1} | metrics.jsonl line 1: step has to be a whole number but is missing",
        "{} | {\"step\":1.5} | is 1.5",
        "{} | {\"step\":1,\"loss\":\"low\"} | metrics.jsonl line 1: loss has to be a number",
        "{} | {\"step\":1}{\"step\":2} | metrics.jsonl line 1",
        "[] | {\"step\":1} | summary.json",
        "{\"a\": 1, | {\"step\":1} | summary.json"
      })
  void namesTheFileAndTheLine(String summary, String metrics, String says) {
    String message =
        assertThrows(LorascopeException.class, () -> report(summary, metrics.replace("\\n", "\n")))
            .getMessage();
    assertTrue(message.contains(says), message);
  }

  @Test
  void namesWhatIsMissingOrNoText() throws IOException {
    assertThrows(LorascopeException.class, () -> RunReport.read(folder));
    Files.writeString(folder.resolve("summary.json"), "{}");
    String message = assertThrows(ReportException.class, () -> RunReport.read(folder)).getMessage();
    assertTrue(message.contains("metrics.jsonl does not exist"), message);
    Files.write(folder.resolve("metrics.jsonl"), new byte[] {(byte) 0xc3, 0x28});
    message = assertThrows(ReportException.class, () -> RunReport.read(folder)).getMessage();
    assertTrue(message.contains("not UTF-8"), message);
  }

  @Test
  void writesThePage() throws IOException {
    RunReport report = report(SUMMARY, METRICS);
    Path target = folder.resolve("report.html");
    report.write(target);
    assertEquals(report.toHtml(), Files.readString(target));
  }

  @Test
  void refusesARaggedTable() throws IOException {
    RunReport report = report("{}", "");
    assertThrows(
        IllegalArgumentException.class,
        () -> report.table("t", List.of("a", "b"), List.of(List.of("1"))));
  }

  private static List<String> paths(String html, String series) {
    return Pattern.compile("data-name=\"" + series + "\"[^>]*>\\s*<path d=\"([^\"]*)\"")
        .matcher(html)
        .results()
        .map(match -> match.group(1))
        .toList();
  }

  private static int count(String html, String regex) {
    return (int) Pattern.compile(regex).matcher(html).results().count();
  }
}
