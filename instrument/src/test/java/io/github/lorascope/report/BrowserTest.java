package io.github.lorascope.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.lorascope.Prerequisite;
import io.github.lorascope.checkpoint.SafetensorsFile;
import io.github.lorascope.json.Json;
import io.github.lorascope.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** The page as a browser shows it, against the files that it was made of. */
@ExtendWith(BrowserTest.NeedsChromium.class)
class BrowserTest {
  /** Half a unit of the fifth digit. */
  private static final double ROUNDING = 5e-5;

  // The browser may still write into its profile when it is told to end.
  @TempDir(cleanup = CleanupMode.NEVER)
  static Path folder;

  private static Chromium browser;
  private static Path page;

  /** Asks whether there is a browser. */
  static final class NeedsChromium extends Prerequisite {
    @Override
    protected String obstacle() {
      return Chromium.program().isPresent()
          ? null
          : "no chromium on the PATH, so nobody looked at the report";
    }
  }

  @BeforeAll
  static void start() throws IOException, InterruptedException {
    Path run = Files.createDirectories(folder.resolve("run"));
    SampleRun.write(run);
    page = folder.resolve("report.html");
    RunReport.read(run).title("A run").write(page);
    browser = new Chromium(Chromium.program().orElseThrow(), folder.resolve("profile"));
  }

  @AfterAll
  static void stop() {
    if (browser != null) {
      browser.close();
    }
  }

  @BeforeEach
  void open() throws InterruptedException {
    browser.errors().clear();
    browser.requests().clear();
    browser.show(1280, 900, "light");
    browser.open(page);
  }

  private static void drawAll() throws InterruptedException {
    browser.evaluate("dispatchEvent(new Event('beforeprint'))");
  }

  private static JsonNode data(String chart, String series) throws InterruptedException {
    return browser.evaluate(
        "echarts.getInstanceByDom(document.getElementById('"
            + chart
            + "')).getOption().series.find(s => s.name === '"
            + series
            + "').data");
  }

  private static List<JsonObject> lines(String file) throws IOException {
    return Files.readAllLines(folder.resolve("run").resolve(file)).stream()
        .map(line -> Json.parse(line, file))
        .toList();
  }

  private static JsonObject document(String file) {
    return Json.read(folder.resolve("run").resolve(file));
  }

  private static void assertClose(double expected, JsonNode actual, String what) {
    assertTrue(actual.isNumber(), () -> what + " is " + actual);
    assertEquals(expected, actual.asDouble(), ROUNDING * Math.max(Math.abs(expected), 1e-9), what);
  }

  @Test
  void drawsEveryChartWithoutComplaintAndWithoutTheNetwork() throws InterruptedException {
    drawAll();
    assertEquals(
        "[]",
        browser
            .evaluate(
                "[...document.querySelectorAll('.plot')].filter(plot => {"
                    + " const chart = echarts.getInstanceByDom(plot);"
                    + " return !chart || !chart.getOption().toolbox[0].feature.saveAsImage.show"
                    + " || !chart.getDataURL().startsWith('data:image/png')"
                    + " || !chart.getOption().series.some(s => s.data.length > 0); })"
                    + ".map(plot => plot.id)")
            .toString());
    assertTrue(browser.evaluate("document.querySelectorAll('.plot').length").asInt() > 30);
    assertEquals(List.of(), browser.errors());
    assertEquals(List.of(page.toUri().toString()), browser.requests());
  }

  @Test
  void drawsWhenScrolledIntoView() throws InterruptedException {
    String isDrawn = "!!echarts.getInstanceByDom(document.getElementById('patching-change'))";
    assertFalse(browser.evaluate(isDrawn).asBoolean());
    browser.evaluate("document.getElementById('patching-change').scrollIntoView()");
    assertTrue(
        browser
            .evaluate(
                "new Promise(done => { const wait = () => "
                    + isDrawn
                    + " ? done(true) : setTimeout(wait, 20); wait(); })")
            .asBoolean());
  }

  @Test
  void showsTheNumbersOfTheFiles() throws IOException, InterruptedException {
    drawAll();
    List<JsonObject> metrics = lines("metrics.jsonl");
    JsonNode loss = data("loss", "each batch");
    assertEquals(metrics.size(), loss.size());
    JsonNode smoothed = data("loss", "smoothed");
    for (int i = 0; i < metrics.size(); i++) {
      assertEquals(i + 1, loss.get(i).get(0).asInt());
      assertClose(metrics.get(i).number("loss"), loss.get(i).get(1), "loss");
      assertClose(metrics.get(i).number("smoothed_loss"), smoothed.get(i).get(1), "smoothed");
    }
    JsonNode held = data("accuracy", "held-out pairs");
    assertEquals(10, held.size());
    assertClose(metrics.get(199).number("eval_accuracy_low"), held.get(9).get(2), "low");

    List<JsonObject> gradients = lines("gradients.jsonl");
    JsonNode cells = data("gradient-map", "gradient norm");
    assertEquals(SampleRun.STEPS * SampleRun.LAYERS, cells.size());
    for (JsonNode cell : cells) {
      double norm = gradients.get(cell.get(0).asInt()).numbers("norm").get(cell.get(1).asInt());
      assertClose(norm, cell.get(3), "norm");
      assertClose(Math.log10(norm), cell.get(2), "colour");
    }
    JsonNode knockOut = data("knockout-margin", "switched off minus whole");
    List<JsonObject> rows = document("knockout.json").objects("rows");
    assertEquals(rows.size(), knockOut.size());
    for (int i = 0; i < rows.size(); i++) {
      assertClose(rows.get(i).number("margin_change"), knockOut.get(i).get(1), "change");
      assertClose(rows.get(i).number("margin_change_high"), knockOut.get(i).get(3), "high");
    }
    JsonNode telescope = data("telescope-layers", "1 − CKA: states unlike before");
    List<JsonObject> cka = document("cka.json").objects("rows");
    for (int l = 0; l < SampleRun.LAYERS; l++) {
      assertClose(1 - cka.get(l + 1).number("cka"), telescope.get(l).get(1), "1 - CKA");
    }
    List<JsonObject> lens = lines("lens.jsonl");
    assertClose(
        lens.get(lens.size() - 1).numbers("accuracy").get(15),
        data("lens-accuracy", "after").get(15).get(1),
        "lens");
    assertEquals(12, data("ablation-accuracy", "each seed").size());
  }

  @Test
  void showsTheChangeOfAttention() throws InterruptedException {
    drawAll();
    float[] before = masses("before");
    float[] after = masses("after");
    browser.evaluate("document.querySelector('input[value=\"last → A\"]').click()");
    JsonNode cells = data("attention-change", "last → A, change");
    int heads = SampleRun.LAYERS * SampleRun.HEADS;
    assertEquals(heads, cells.size());
    for (JsonNode cell : cells) {
      int head = cell.get(1).asInt() * SampleRun.HEADS + cell.get(0).asInt();
      double change = 0;
      for (int e = 0; e < SampleRun.EXAMPLES; e++) {
        change +=
            (after[e * heads + head] - before[e * heads + head]) / (double) SampleRun.EXAMPLES;
      }
      assertEquals(change, cell.get(3).asDouble(), 1e-6);
      assertTrue(cell.get(4).asDouble() < change && change < cell.get(5).asDouble());
    }
  }

  private static float[] masses(String name) {
    return SafetensorsFile.open(folder.resolve("run/attention/" + name + ".safetensors"))
        .floats("mass.last_to_a");
  }

  @Test
  void switchesViewsAndTellsValuesOnHover() throws InterruptedException {
    drawAll();
    browser.evaluate("document.querySelector('input[value=normalised]').click()");
    JsonNode cells = data("gradient-map", "share of largest");
    double greatest = 0;
    for (JsonNode cell : cells) {
      greatest = Math.max(greatest, cell.get(3).asDouble());
    }
    assertEquals(1, greatest);
    String tip =
        browser
            .evaluate(
                "(() => { const plot = document.getElementById('knockout-margin');"
                    + " echarts.getInstanceByDom(plot).dispatchAction("
                    + "{type: 'showTip', seriesIndex: 0, dataIndex: 15}); return plot.innerText; })()")
            .asText();
    assertTrue(tip.contains("layer 15"), tip);
    double change = document("knockout.json").objects("rows").get(15).number("margin_change");
    assertTrue(tip.contains(String.format(Locale.ROOT, "%.3f", change)), tip);
    assertTrue(tip.contains("["), "the interval");
    assertEquals(List.of(), browser.errors());
  }

  @Test
  void followsTheColourScheme() throws InterruptedException {
    drawAll();
    String colours =
        "[getComputedStyle(document.body).backgroundColor, JSON.stringify("
            + "echarts.getInstanceByDom(document.getElementById('loss')).getOption().series[0].color)]";
    JsonNode light = browser.evaluate(colours);
    browser.show(1280, 900, "dark");
    JsonNode dark = browser.evaluate(colours);
    assertNotEquals(light.get(0), dark.get(0));
    assertNotEquals(light.get(1), dark.get(1));
    assertEquals(List.of(), browser.errors());
  }

  @Test
  void fitsAPhone() throws InterruptedException {
    for (int width : new int[] {1280, 360}) {
      browser.show(width, 800, "light");
      browser.open(page);
      drawAll();
      assertEquals(
          "[]",
          browser
              .evaluate(
                  "[document.documentElement, ...document.querySelectorAll('.plot, .card, h1, p, dl')]"
                      + ".filter(e => e.scrollWidth > document.documentElement.clientWidth"
                      + " || e.getBoundingClientRect().right > document.documentElement.clientWidth)"
                      + ".map(e => e.id || e.className || e.tagName)")
              .toString());
      assertTrue(browser.evaluate("document.documentElement.scrollWidth").asInt() <= width);
    }
    assertEquals(List.of(), browser.errors());
  }

  @Test
  void takesNamesForNothingButText() throws IOException, InterruptedException {
    String name = "<img src=x onerror=alert(1)>{b} fn:axis";
    Path run = Files.createDirectories(folder.resolve("hostile"));
    Files.writeString(run.resolve("summary.json"), Json.write(Map.of("model", name)));
    Files.writeString(
        run.resolve("ablation.json"),
        Json.write(
            Map.of(
                "n", 4,
                "groups", List.of(Map.of("name", name, "layers", List.of(0, 1))),
                "runs", List.of(Map.of("group", name, "seed", 0, "accuracy", 0.75)))));
    Path hostile = folder.resolve("hostile.html");
    RunReport.read(run).title(name).write(hostile);
    browser.open(hostile);
    drawAll();
    String tip =
        browser
            .evaluate(
                "(() => { const plot = document.getElementById('ablation-accuracy');"
                    + " echarts.getInstanceByDom(plot).dispatchAction("
                    + "{type: 'showTip', seriesIndex: 0, dataIndex: 0}); return plot.innerText; })()")
            .asText();
    assertTrue(tip.contains(name), tip);
    assertEquals(0, browser.evaluate("document.querySelectorAll('img').length").asInt());
    assertEquals(name, browser.evaluate("document.querySelector('h1').innerText").asText());
    assertEquals(List.of(), browser.errors());
  }
}
