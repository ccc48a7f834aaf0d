package io.github.lorascope.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.lorascope.json.Json;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
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
    assertTrue(html.contains("Nothing was recorded of: Mean P(correct), Gradient norm, "));
    assertTrue(html.contains(", knockout.json, patching.json."));
    assertTrue(html.contains("<td>adapter.rank</td><td>16</td>"));
    assertTrue(html.contains("<td>seed</td><td>42</td>"));
    assertFalse(html.contains("<td>eval_n</td>"), "said in the paragraph");
  }

  @Test
  void doesNotClaimWhatOverlappingIntervalsDoNotShow() throws IOException {
    String html =
        report(
                """
                {"accuracy_before": 0.83, "accuracy_before_low": 0.79,
                 "accuracy_before_high": 0.864, "accuracy_after": 0.8425,
                 "accuracy_after_low": 0.803, "accuracy_after_high": 0.875}
                """,
                "")
            .toHtml();
    assertTrue(html.contains("The 95% intervals overlap"), html);
  }

  @Test
  void drawsEveryPointAndLeavesGaps() throws IOException {
    JsonNode charts = charts(report(SUMMARY, METRICS).toHtml());
    assertEquals("[[1,0.7],[2,null],[3,0.5]]", data(charts, "loss", "each batch"));
    assertEquals("[[3,0.8425,0.8036,0.875]]", data(charts, "accuracy", "held-out pairs"));
    assertEquals(
        "[[1,0.0001],[2,0.0002],[3,0.0001]]", data(charts, "learning-rate", "learning rate"));
  }

  @Test
  void keepsSpikesOfALongRunInASmallPage() throws IOException {
    String lines =
        IntStream.rangeClosed(1, 100_000)
            .mapToObj(
                step -> "{\"step\":" + step + ",\"loss\":" + (step == 77_777 ? 9.5 : 0.5) + "}")
            .collect(Collectors.joining("\n"));
    String html = report("{}", lines).toHtml();
    assertTrue(data(charts(html), "loss", "each batch").contains("[77777,9.5]"));
    int own = withoutLibrary(html).length();
    assertTrue(own < 200_000, () -> own + " characters");
  }

  @Test
  void needsNothingElse() throws IOException {
    String html = withoutLibrary(report(SUMMARY, METRICS).toHtml());
    assertFalse(Pattern.compile("(?i)https?:|@import|url\\(").matcher(html).find());
    assertEquals(
        List.of("href=\"data:,\"", "href=\"#training\"", "href=\"#provenance\""),
        Pattern.compile("\\b(src|href)=\"[^\"]*\"")
            .matcher(html)
            .results()
            .map(MatchResult::group)
            .toList());
    assertTrue(html.contains("default-src 'none'"), "the browser is told to load nothing");
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
    assertFalse(withoutLibrary(html).contains("<img"));
    assertFalse(html.substring(0, html.indexOf("<script")).contains("<b>"));
    assertTrue(html.contains("m&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;"));
    assertTrue(html.contains("<td>a&amp;b</td><td>&quot;onload=&quot;x</td>"));
    assertTrue(html.contains("<td>\ufffd\ufffd&lt;/table&gt;&lt;script&gt;</td>"));
    assertEquals(3, count(html, "<script"), "data, library and drawing");
  }

  @Test
  void holdsDataThatCannotEndItsScript() throws IOException {
    String name = "</script><!--<script>\u2028\u2029\ud800&";
    Files.writeString(
        folder.resolve("patching.json"),
        Json.write(
            Map.of(
                "n",
                1,
                "rows",
                List.of(Map.of("layer", 0, "position", name.replace("\ud800", ""), "change", 1)))));
    String html = report(SUMMARY, METRICS).toHtml();
    assertEquals(3, count(html, "<script"));
    assertEquals(3, count(html, "</script"));
    String script = html.substring(html.indexOf("<script"), html.indexOf("</script"));
    assertEquals(0, count(html, "<!--"));
    assertEquals(0, count(script, "[\u2028\u2029]"));
    assertTrue(
        charts(html).at("/patching-change//option/series").toString().contains("</script><!--"));
    assertEquals("\\u003ca\\ufffd\\u2028", PageScript.safe("<a\ud800\u2028"));
  }

  /** What is within main is XML but for the entities; a parser finds tags that do not match. */
  @Test
  void isWellFormed() throws Exception {
    String html = report(SUMMARY, METRICS).toHtml();
    String main = html.substring(html.indexOf("<main>"), html.indexOf("</main>") + 7);
    DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(main.replace("&quot;", "'"))));
    assertEquals(charts(html).size(), count(main, "role=\"img\" aria-label=\""));
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
    assertEquals(0, charts(html).size());
    assertTrue(html.contains("Nothing was recorded of: Training loss, Accuracy,"));
    String diverged =
        report("{\"accuracy_after\": \"NaN\"}", "{\"step\":1,\"loss\":null}").toHtml();
    assertEquals(0, charts(diverged).size());
    assertTrue(diverged.contains("<td>accuracy_after</td><td>NaN</td>"));
  }

  @Test
  void drawsASingleStepAndAConstant() throws IOException {
    JsonNode charts =
        charts(report("{}", "{\"step\":7,\"loss\":0.6,\"learning_rate\":0}").toHtml());
    assertEquals("[[7,0]]", data(charts, "learning-rate", "learning rate"));
    assertEquals(8, charts.at("/loss//option/xAxis/max").asInt(), "an axis needs a length");
  }

  @Test
  void stepsKeepAllTheirDigits() throws IOException {
    String html =
        report("{}", "{\"step\":1234567,\"loss\":0.654321}\n{\"step\":1234569,\"loss\":0.5}")
            .toHtml();
    JsonNode charts = charts(html);
    assertEquals("[[1234567,0.65432],[1234569,0.5]]", data(charts, "loss", "each batch"));
    assertEquals(1_234_567, charts.at("/loss//option/xAxis/min").asInt());
    assertTrue(html.contains("<td>1,234,567</td><td>0.6543</td>"), html);
  }

  /** B starts at zero, so the first step's gradient of A is zero, which has no logarithm. */
  @Test
  void drawsNoLineWithoutAPointOnALogarithmicAxis() throws IOException {
    Files.writeString(
        folder.resolve("gradients.jsonl"), "{\"step\":1,\"layers\":[0],\"a\":[0],\"b\":[0.5]}");
    JsonNode charts = charts(report("{}", METRICS).toHtml());
    assertEquals("none", data(charts, "gradient-ab", "A"));
    assertEquals("[[1,0.5]]", data(charts, "gradient-ab", "B"));
    assertEquals("[\"B\"]", charts.at("/gradient-ab//option/legend/data").toString());
  }

  @Test
  void linesOfAResumedRunWin() throws IOException {
    String html =
        report("{}", "{\"step\":1,\"loss\":1}\n{\"step\":2,\"loss\":9}\n{\"step\":2,\"loss\":3}")
            .toHtml();
    assertEquals("[[1,1],[2,3]]", data(charts(html), "loss", "each batch"));
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
        assertThrows(ReportException.class, () -> report(summary, metrics.replace("\\n", "\n")))
            .getMessage();
    assertTrue(message.contains(says), message);
  }

  @Test
  void namesWhatIsMissingOrNoText() throws IOException {
    String message = assertThrows(ReportException.class, () -> RunReport.read(folder)).getMessage();
    assertTrue(message.contains("neither metrics.jsonl nor summary.json"), message);
    Path absent = folder.resolve("absent");
    message = assertThrows(ReportException.class, () -> RunReport.read(absent)).getMessage();
    assertTrue(message.contains("is no folder"), message);
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

  /** What the script draws, as it reads it. */
  private static JsonNode charts(String html) {
    String open = "<script id=\"charts\" type=\"application/json\">";
    int from = html.indexOf(open) + open.length();
    return Json.parse(
            "{\"charts\":" + html.substring(from, html.indexOf("</script>", from)) + "}", "page")
        .node("charts");
  }

  private static String data(JsonNode charts, String chart, String series) {
    for (JsonNode some : charts.at("/" + chart + "//option/series")) {
      if (some.path("name").asText().equals(series)) {
        return some.path("data").toString();
      }
    }
    return "none";
  }

  private static String withoutLibrary(String html) {
    int to = html.lastIndexOf("<script>");
    return html.substring(0, html.lastIndexOf("<script>", to - 1)) + html.substring(to);
  }

  private static int count(String html, String regex) {
    return (int) Pattern.compile(regex).matcher(html).results().count();
  }
}
