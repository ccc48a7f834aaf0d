package io.github.lorascope.report.chart;

import io.github.lorascope.report.html.Html;
import java.util.List;
import java.util.Set;

/**
 * Figures side by side, with one switch for all where they have several views.
 *
 * @param id unique within the page: letters, digits and dashes
 * @param legend what the switch chooses
 * @param figures with the same views
 */
public record FigureGroup(String id, String legend, List<Figure> figures) {
  /** Copies the figures. */
  public FigureGroup {
    figures = List.copyOf(figures);
  }

  /**
   * A group without a switch.
   *
   * @param figures of one view each
   * @return the group
   */
  public static FigureGroup of(List<Figure> figures) {
    return new FigureGroup("", "", figures);
  }

  /**
   * The switch and the figures.
   *
   * @return HTML
   */
  public String toHtml() {
    StringBuilder out = new StringBuilder("<div class=\"group\">\n");
    Set<String> views = figures.get(0).views().keySet();
    if (views.size() > 1) {
      out.append("<fieldset class=\"switch\"><legend>").append(Html.escape(legend));
      out.append("</legend>");
      boolean first = true;
      for (String view : views) {
        out.append("<label><input type=\"radio\" name=\"").append(id).append("\" value=\"");
        out.append(Html.escape(view)).append(first ? "\" checked=\"checked\"/>" : "\"/>");
        out.append("<span>").append(Html.escape(view)).append("</span></label>");
        first = false;
      }
      out.append("</fieldset>\n");
    }
    out.append("<div class=\"figures n").append(columns()).append("\">\n");
    figures.forEach(figure -> out.append(figure.toHtml()));
    return out.append("</div>\n</div>\n").toString();
  }

  /** Two beside each other, or three where that leaves no gap. */
  private int columns() {
    long narrow = figures.stream().filter(figure -> !figure.isWide()).count();
    return narrow > 4 || narrow == 3 ? 3 : 2;
  }
}
