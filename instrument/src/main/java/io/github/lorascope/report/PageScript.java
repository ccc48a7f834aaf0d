package io.github.lorascope.report;

import io.github.lorascope.io.Sha256;
import io.github.lorascope.json.Json;
import io.github.lorascope.report.chart.Chart;
import io.github.lorascope.report.chart.Figure;
import io.github.lorascope.report.section.Section;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;

/** What the page runs: the chart library, the charts as data, and the script that draws them. */
final class PageScript {
  private static final String WEBJAR = "/META-INF/maven/org.webjars.npm/echarts/pom.properties";

  private final String version;
  private final String library;
  private final String drawing;

  PageScript() {
    version = libraryVersion();
    library = resource("/META-INF/resources/webjars/echarts/" + version + "/dist/echarts.min.js");
    drawing = resource("report.js");
  }

  private static String libraryVersion() {
    Properties properties = new Properties();
    try {
      properties.load(new StringReader(resource(WEBJAR)));
    } catch (IOException e) {
      throw new ReportException("Cannot read " + WEBJAR, e);
    }
    return properties.getProperty("version");
  }

  /** Lets the page load nothing, and run these scripts alone, whatever else it may hold. */
  String policy() {
    return "default-src 'none'; img-src data: blob:; style-src 'unsafe-inline'; script-src "
        + hash(library)
        + " "
        + hash(drawing);
  }

  private static String hash(String script) {
    byte[] digest = Sha256.begin().digest(script.getBytes(StandardCharsets.UTF_8));
    return "'sha256-" + Base64.getEncoder().encodeToString(digest) + "'";
  }

  String toHtml(List<Section> sections) {
    return "<script id=\"charts\" type=\"application/json\">"
        + safe(Json.write(data(sections)))
        + "</script>\n<script>"
        + library
        + "</script>\n<script>"
        + drawing
        + "</script>\n";
  }

  private static Map<String, Object> data(List<Section> sections) {
    Map<String, Object> charts = new LinkedHashMap<>();
    for (Section section : sections) {
      section.groups().stream()
          .flatMap(group -> group.figures().stream())
          .forEach(figure -> charts.put(figure.id(), views(figure)));
    }
    return charts;
  }

  private static Map<String, Object> views(Figure figure) {
    Map<String, Object> views = new LinkedHashMap<>();
    for (Map.Entry<String, Chart> view : figure.views().entrySet()) {
      Map<String, Object> parts = new LinkedHashMap<>(); // the same page on every start of Java
      parts.put("option", view.getValue().option());
      parts.put("meta", view.getValue().meta());
      views.put(view.getKey(), parts);
    }
    return views;
  }

  /** No text can end the element, open a comment or be no Unicode. */
  static String safe(String json) {
    StringBuilder out = new StringBuilder(json.length() + 64);
    for (int i = 0; i < json.length(); i++) {
      char c = json.charAt(i);
      boolean paired =
          Character.isHighSurrogate(c)
              ? i + 1 < json.length() && Character.isLowSurrogate(json.charAt(i + 1))
              : !Character.isLowSurrogate(c)
                  || (i > 0 && Character.isHighSurrogate(json.charAt(i - 1)));
      if (!paired) {
        out.append("\\ufffd");
      } else if (c == '<' || c == '>' || c == '&' || c == '\u2028' || c == '\u2029') {
        out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    return out.toString();
  }

  /** The version of the library, for the footer. */
  String version() {
    return version;
  }

  static String resource(String name) {
    try (InputStream in = PageScript.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new ReportException(name + " is not on the class path; is the chart library there?");
      }
      // Browsers hash what they read, in which every line ends alike.
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).replace("\r\n", "\n");
    } catch (IOException e) {
      throw new ReportException("The jar of this library is damaged: " + name, e);
    }
  }
}
