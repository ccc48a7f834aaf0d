package io.github.lorascope.report;

import io.github.lorascope.io.AtomicFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * One HTML page about a training run. It holds its style, drawings and script itself, so that it
 * can be sent, archived and read without a network.
 *
 * <pre>{@code
 * RunReport.read(Path.of("runs/one")).write(Path.of("report.html"));
 * }</pre>
 */
public final class RunReport {
  private final RunSummary summary;
  private final RunMetrics metrics;
  private final List<Table> tables = new ArrayList<>();
  private String title = "Training report";

  private RunReport(RunSummary summary, RunMetrics metrics) {
    this.summary = summary;
    this.metrics = metrics;
  }

  /**
   * A report of what is in memory.
   *
   * @param summary what the run came to
   * @param metrics what it measured on the way
   * @return the report
   */
  public static RunReport of(RunSummary summary, RunMetrics metrics) {
    return new RunReport(summary, metrics);
  }

  /**
   * A report of a run's files.
   *
   * @param runFolder holds {@value RunSummary#FILE_NAME} and {@value RunMetrics#FILE_NAME}
   * @return the report
   * @throws io.github.lorascope.LorascopeException if one is missing or malformed; the message
   *     names the file and the line
   */
  public static RunReport read(Path runFolder) {
    return of(
        RunSummary.read(runFolder.resolve(RunSummary.FILE_NAME)),
        RunMetrics.read(runFolder.resolve(RunMetrics.FILE_NAME)));
  }

  /**
   * Sets the heading.
   *
   * @param text any text
   * @return this
   */
  public RunReport title(String text) {
    this.title = text;
    return this;
  }

  /**
   * Adds a table after the charts, such as one query's passages before and after.
   *
   * @param heading what it shows
   * @param headers one a column
   * @param rows cells, as many in each row as there are headers
   * @return this
   */
  public RunReport table(String heading, List<String> headers, List<List<String>> rows) {
    tables.add(new Table(heading, headers, rows));
    return this;
  }

  /**
   * Writes the page: into a temporary file first, so that the target is whole or as it was.
   *
   * @param html the target; replaced if it exists
   * @throws io.github.lorascope.io.FileWriteException if the file system fails
   */
  public void write(Path html) {
    AtomicFiles.writeString(html, toHtml());
  }

  /**
   * The page.
   *
   * @return a whole HTML document
   */
  public String toHtml() {
    Verdict verdict = new Verdict(summary);
    StringBuilder out = new StringBuilder("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n");
    out.append("<meta charset=\"utf-8\">\n");
    out.append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    out.append("<meta name=\"color-scheme\" content=\"light dark\">\n");
    out.append("<link rel=\"icon\" href=\"data:,\">\n");
    out.append("<title>").append(Html.escape(title)).append("</title>\n<style>\n");
    out.append(resource("report.css")).append("</style>\n</head>\n<body>\n<main>\n<header><h1>");
    out.append(Html.escape(title)).append("</h1>");
    summary
        .text("model")
        .ifPresent(m -> out.append("<p class=\"model\">").append(Html.escape(m)).append("</p>"));
    out.append("</header>\n").append(verdict.tiles());
    paragraph(out, "verdict", verdict.sentence());
    charts(out, verdict);
    tables.forEach(table -> section(out, table));
    List<List<String>> provenance = provenance();
    if (!provenance.isEmpty()) {
      section(out, new Table("Where it came from", List.of("entry", "value"), provenance));
    }
    out.append("<footer><p>Made by Lorascope. Intervals are 95% Wilson score intervals.</p>");
    out.append("</footer>\n</main>\n<script>\n").append(resource("report.js"));
    return out.append("</script>\n</body>\n</html>\n").toString();
  }

  private void charts(StringBuilder out, Verdict verdict) {
    List<Chart> charts = RunCharts.of(metrics);
    out.append("<section aria-label=\"Charts\" class=\"charts\">\n").append(verdict.drawing());
    charts.stream().filter(chart -> !chart.isEmpty()).forEach(c -> out.append(c.toHtml()));
    out.append("</section>\n");
    List<String> missing = charts.stream().filter(Chart::isEmpty).map(Chart::title).toList();
    if (!missing.isEmpty()) {
      paragraph(out, "missing", "Nothing was recorded of: " + String.join(", ", missing) + ".");
    }
  }

  private List<List<String>> provenance() {
    return summary.entries().entrySet().stream()
        .filter(entry -> !isSaid(entry))
        .map(entry -> List.of(entry.getKey(), entry.getValue()))
        .toList();
  }

  /** A number that is none was not put into words. */
  private boolean isSaid(Map.Entry<String, String> entry) {
    return Verdict.SAID.contains(entry.getKey())
        && (entry.getKey().equals("model") || summary.number(entry.getKey()).isPresent());
  }

  private static void section(StringBuilder out, Table table) {
    out.append("<section>\n").append(table.toHtml()).append("</section>\n");
  }

  private static void paragraph(StringBuilder out, String style, String text) {
    if (!text.isEmpty()) {
      out.append("<p class=\"").append(style).append("\">").append(Html.escape(text));
      out.append("</p>\n");
    }
  }

  private static String resource(String name) {
    try (InputStream in = RunReport.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new ReportException("The jar of this library is damaged: " + name, e);
    }
  }
}
