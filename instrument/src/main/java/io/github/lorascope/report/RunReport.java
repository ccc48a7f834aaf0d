package io.github.lorascope.report;

import io.github.lorascope.LorascopeException;
import io.github.lorascope.io.AtomicFiles;
import io.github.lorascope.report.data.RunFiles;
import io.github.lorascope.report.html.Html;
import io.github.lorascope.report.html.Table;
import io.github.lorascope.report.section.Findings;
import io.github.lorascope.report.section.OriginSection;
import io.github.lorascope.report.section.Section;
import io.github.lorascope.report.section.Sections;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * One HTML page about a training run, made of the run's folder alone: whatever taps, probes and
 * analyses have left there is shown, and what they have not is left out. The page holds its style,
 * charts and scripts itself, so that it can be sent, archived and read without a network.
 *
 * <pre>{@code
 * Path page = folder.resolve("report.html");
 * RunReport.read(folder)
 *     .title("Which layers learn to rerank?")
 *     .table("Settings", List.of("name", "value"), List.of(List.of("seed", "42")))
 *     .write(page);
 * }</pre>
 */
public final class RunReport {
  private final RunFiles files;
  private final List<Table> tables = new ArrayList<>();
  private String title = "Training report";

  private RunReport(RunFiles files) {
    this.files = files;
  }

  /**
   * Reads a run's files, all at once, so that a page is written whole or not at all.
   *
   * @param runFolder holds {@code metrics.jsonl}, {@code summary.json} or both, and any of {@code
   *     gradients.jsonl}, {@code residual.jsonl}, {@code attention/}, {@code lens.jsonl}, {@code
   *     probes.jsonl}, {@code pca.safetensors}, {@code cka.json}, {@code knockout.json}, {@code
   *     patching.json}, {@code ablation.json}, {@code curves.json} and {@code provenance.json}
   * @return the report
   * @throws ReportException if the folder holds no run or a file is malformed; the message names
   *     the file and the line or field
   */
  public static RunReport read(Path runFolder) {
    try {
      return new RunReport(RunFiles.read(runFolder));
    } catch (ReportException e) {
      throw e;
    } catch (LorascopeException e) {
      throw new ReportException(e.getMessage(), e);
    }
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
    PageScript script = new PageScript();
    Findings findings = new Findings(files);
    List<Section> sections = new ArrayList<>(Sections.of(files));
    if (!tables.isEmpty()) {
      sections.add(new Section("tables", "Examples", "", List.of(), tables));
    }
    Section origin = OriginSection.of(files, findings);
    if (!origin.isEmpty()) {
      sections.add(origin);
    }
    StringBuilder out = new StringBuilder("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n");
    out.append("<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" content=\"");
    out.append(script.policy()).append("\">\n");
    out.append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    out.append("<meta name=\"color-scheme\" content=\"light dark\">\n");
    out.append("<link rel=\"icon\" href=\"data:,\">\n<title>").append(Html.escape(title));
    out.append("</title>\n<style>\n").append(PageScript.resource("report.css"));
    out.append("</style>\n</head>\n<body>\n<main>\n");
    header(out, sections);
    out.append(findings.toHtml());
    sections.forEach(section -> out.append(section.toHtml()));
    footer(out, script);
    out.append("</main>\n").append(script.toHtml(sections));
    return out.append("</body>\n</html>\n").toString();
  }

  private void header(StringBuilder out, List<Section> sections) {
    out.append("<header><h1>").append(Html.escape(title)).append("</h1>");
    files
        .summary()
        .text("model")
        .ifPresent(m -> out.append("<p class=\"model\">").append(Html.escape(m)).append("</p>"));
    if (sections.size() > 1) {
      out.append("\n<nav aria-label=\"Sections\">");
      for (Section section : sections) {
        out.append("<a href=\"#").append(section.id()).append("\">");
        out.append(Html.escape(section.title())).append("</a> ");
      }
      out.append("</nav>");
    }
    out.append("</header>\n");
  }

  private void footer(StringBuilder out, PageScript script) {
    out.append("<footer>\n");
    List<String> missing = Sections.missing(files);
    if (!missing.isEmpty()) {
      out.append("<p class=\"missing\">Nothing was recorded of: ");
      out.append(Html.escape(String.join(", ", missing))).append(".</p>\n");
    }
    out.append(
        "<p>Made by Lorascope. Intervals are 95%, over pairs taken as independent of each other:"
            + " Wilson's for shares, Student's for means, Bonett and Price's for differences of"
            + " shares on the same pairs; over seeds and pairs for groups of layers.");
    out.append(" Charts: Apache ECharts ").append(Html.escape(script.version()));
    out.append(" (Apache-2.0).</p>\n</footer>\n");
  }
}
