package io.github.lorascope.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A written page, by its parts: blocks of code, spans of code, links, headings. */
final class Markdown {
  private static final Pattern FENCE = Pattern.compile(" {0,3}```+\\s*(\\w*)\\s*");
  private static final Pattern SPAN = Pattern.compile("`([^`]+)`");
  private static final Pattern LINK = Pattern.compile("!?\\[[^\\]]*]\\(([^)\\s]+)\\)");
  private static final Pattern HEADING = Pattern.compile("#{1,6} +(.*?) *#*");
  private static final String INDENTED = "    ";

  private final Path file;
  private final List<Part> blocks = new ArrayList<>();
  private final List<Part> text = new ArrayList<>();

  private Markdown(Path file, List<String> lines) {
    this.file = file;
    String language = null;
    int start = 0;
    StringBuilder code = new StringBuilder();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      var fence = FENCE.matcher(line);
      if (language == null && fence.matches()) {
        language = fence.group(1);
        start = i + 2;
        code.setLength(0);
      } else if (language != null && fence.matches()) {
        blocks.add(new Part(file, start, language, code.toString()));
        language = null;
      } else if (language != null) {
        code.append(line).append('\n');
      } else if (line.startsWith(INDENTED)) {
        blocks.add(new Part(file, i + 1, "", line.substring(INDENTED.length()) + "\n"));
      } else {
        text.add(new Part(file, i + 1, "text", line));
      }
    }
    if (language != null) {
      throw new IllegalArgumentException(file + ": the block of line " + start + " has no end");
    }
  }

  /**
   * A part of a page.
   *
   * @param file the page
   * @param line where it begins, from 1
   * @param language what a block names; empty: nothing
   * @param content what it holds
   */
  record Part(Path file, int line, String language, String content) {
    String place() {
      return file.getFileName() + ":" + line;
    }

    @Override
    public String toString() {
      return place();
    }
  }

  static Markdown read(Path file) throws IOException {
    return new Markdown(file, Files.readAllLines(file));
  }

  static Markdown of(Path file, String content) {
    return new Markdown(file, content.lines().toList());
  }

  /** README and guide: what holds code. */
  static List<Markdown> pages() throws IOException {
    List<Markdown> pages = new ArrayList<>();
    pages.add(read(SourceTree.root().resolve("README.md")));
    try (Stream<Path> files = Files.list(SourceTree.root().resolve("examples/guide"))) {
      for (Path file : files.filter(f -> f.toString().endsWith(".md")).sorted().toList()) {
        pages.add(read(file));
      }
    }
    return pages;
  }

  Path file() {
    return file;
  }

  /** The blocks of a language; an indented line is a block that names none. */
  List<Part> blocks(String language) {
    return blocks.stream().filter(block -> block.language().equals(language)).toList();
  }

  /** The code within lines of text. */
  List<Part> spans() {
    List<Part> spans = new ArrayList<>();
    for (Part line : text) {
      for (MatchResult span : SPAN.matcher(line.content()).results().toList()) {
        spans.add(new Part(file, line.line(), "", span.group(1)));
      }
    }
    return spans;
  }

  /** All lines of text and of code. */
  List<Part> lines() {
    List<Part> lines = new ArrayList<>(text);
    for (Part block : blocks) {
      int line = block.line();
      for (String content : block.content().lines().toList()) {
        lines.add(new Part(file, line++, block.language(), content));
      }
    }
    return lines;
  }

  /** The targets of links and pictures. */
  List<Part> links() {
    List<Part> links = new ArrayList<>();
    for (Part line : text) {
      String withoutCode = SPAN.matcher(line.content()).replaceAll("code");
      for (MatchResult link : LINK.matcher(withoutCode).results().toList()) {
        links.add(new Part(file, line.line(), "", link.group(1)));
      }
    }
    return links;
  }

  /** What a link may name behind #, made of the headings as GitHub makes it. */
  Set<String> anchors() {
    Set<String> anchors = new LinkedHashSet<>();
    Map<String, Integer> seen = new HashMap<>();
    for (Part line : text) {
      var heading = HEADING.matcher(line.content());
      if (heading.matches()) {
        String anchor =
            heading
                .group(1)
                .replaceAll("\\[([^\\]]*)]\\([^)]*\\)", "$1")
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^\\p{L}\\p{N} _-]", "")
                .replace(' ', '-');
        int before = seen.merge(anchor, 1, Integer::sum) - 1;
        anchors.add(before == 0 ? anchor : anchor + "-" + before);
      }
    }
    return anchors;
  }
}
