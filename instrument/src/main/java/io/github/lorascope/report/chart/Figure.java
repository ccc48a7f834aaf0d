package io.github.lorascope.report.chart;

import io.github.lorascope.report.html.Html;
import io.github.lorascope.report.html.Table;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A drawing with its caption and its values as a table. It may have several views, of which a
 * switch shows one at a time.
 */
public final class Figure {
  private final String id;
  private final String title;
  private final String note;
  private final int height;
  private final Map<String, Chart> views = new LinkedHashMap<>();
  private final List<Table> tables = new ArrayList<>();
  private boolean wide;

  /**
   * Begins a figure.
   *
   * @param id unique within the page: letters, digits and dashes
   * @param title what it shows
   * @param note how to read it
   * @param height of the drawing, in CSS pixels
   */
  public Figure(String id, String title, String note, int height) {
    this.id = id;
    this.title = title;
    this.note = note;
    this.height = height;
  }

  /**
   * Adds a view.
   *
   * @param name as the switch says it
   * @param chart the drawing
   * @return this
   */
  public Figure view(String name, Chart chart) {
    views.put(name, chart);
    return this;
  }

  /**
   * Adds values for those who do not see the drawing.
   *
   * @param table the values
   * @return this
   */
  public Figure table(Table table) {
    tables.add(table);
    return this;
  }

  /**
   * Lets it take the whole width of the page.
   *
   * @return this
   */
  public Figure wide() {
    wide = true;
    return this;
  }

  /**
   * The name that the drawing has in the page.
   *
   * @return the id
   */
  public String id() {
    return id;
  }

  /**
   * Tells whether it takes the whole width.
   *
   * @return true after {@link #wide()}
   */
  public boolean isWide() {
    return wide;
  }

  /**
   * What it shows.
   *
   * @return the title
   */
  public String title() {
    return title;
  }

  /**
   * The drawings.
   *
   * @return by the names of their views, in order
   */
  public Map<String, Chart> views() {
    return Collections.unmodifiableMap(views);
  }

  /**
   * The figure with an empty place that the script draws into.
   *
   * @return HTML
   */
  public String toHtml() {
    StringBuilder out = new StringBuilder("<figure class=\"card");
    out.append(wide ? " wide" : "").append("\">\n<figcaption><h3>").append(Html.escape(title));
    out.append("</h3>");
    if (!note.isEmpty()) {
      out.append("<p>").append(Html.escape(note)).append("</p>");
    }
    out.append("</figcaption>\n<div class=\"plot\" id=\"").append(id);
    out.append("\" role=\"img\" aria-label=\"").append(Html.escape(title));
    out.append("\" style=\"height:").append(height).append("px\"></div>\n");
    if (!tables.isEmpty()) {
      out.append("<details><summary>Values</summary>\n");
      tables.forEach(table -> out.append(table.toHtml()));
      out.append("</details>\n");
    }
    return out.append("</figure>\n").toString();
  }
}
