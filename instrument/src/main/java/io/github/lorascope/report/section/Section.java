package io.github.lorascope.report.section;

import io.github.lorascope.report.chart.FigureGroup;
import io.github.lorascope.report.html.Html;
import io.github.lorascope.report.html.Table;
import java.util.List;

/**
 * A part of the page.
 *
 * @param id unique within the page, a link's target
 * @param title its heading
 * @param intro what it shows and how to read it
 * @param groups its figures
 * @param tables its tables, after the figures
 */
public record Section(
    String id, String title, String intro, List<FigureGroup> groups, List<Table> tables) {
  /** Copies the lists. */
  public Section {
    groups = List.copyOf(groups);
    tables = List.copyOf(tables);
  }

  /**
   * Tells whether there is nothing to show.
   *
   * @return true without figures and tables
   */
  public boolean isEmpty() {
    return groups.isEmpty() && tables.isEmpty();
  }

  /**
   * The section.
   *
   * @return HTML
   */
  public String toHtml() {
    StringBuilder out = new StringBuilder("<section id=\"").append(id).append("\">\n<h2>");
    out.append(Html.escape(title)).append("</h2>\n");
    if (!intro.isEmpty()) {
      out.append("<p class=\"intro\">").append(Html.escape(intro)).append("</p>\n");
    }
    groups.forEach(group -> out.append(group.toHtml()));
    tables.forEach(
        table -> out.append("<div class=\"card\">").append(table.toHtml()).append("</div>\n"));
    return out.append("</section>\n").toString();
  }
}
