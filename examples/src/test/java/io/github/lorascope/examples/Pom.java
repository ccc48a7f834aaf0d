package io.github.lorascope.examples;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

/**
 * What a project's file says of its dependencies, as it is written there.
 *
 * @param version the project's own, or its parent's
 * @param dependencies managed ones among them
 */
record Pom(String version, List<Dependency> dependencies) {
  private static final Pattern PROPERTY = Pattern.compile("\\$\\{([^}]+)}");

  /**
   * A dependency with its properties filled in.
   *
   * @param version null where it is managed elsewhere
   * @param classifier null where it has none
   */
  record Dependency(String group, String artifact, String version, String classifier) {}

  /** Reads the file of a module, or of the whole project for an empty name. */
  static Pom of(String module) throws IOException, SAXException {
    Element project = parse(Files.readString(SourceTree.root().resolve(module).resolve("pom.xml")));
    String version = child(project, "version");
    if (version == null) {
      version = child(elements(project, "parent").get(0), "version");
    }
    Map<String, String> properties = new HashMap<>(Map.of("project.version", version));
    for (Element block : elements(project, "properties")) {
      NodeList all = block.getChildNodes();
      for (int i = 0; i < all.getLength(); i++) {
        properties.putIfAbsent(all.item(i).getNodeName(), all.item(i).getTextContent().trim());
      }
    }
    return new Pom(
        version,
        dependencies(project).stream()
            .map(
                d ->
                    new Dependency(
                        d.group(),
                        d.artifact(),
                        d.version() == null ? null : resolved(d.version(), properties),
                        d.classifier()))
            .toList());
  }

  /** Reads the dependencies that a piece of XML has in it. */
  static List<Dependency> dependencies(String xml) throws SAXException {
    return dependencies(parse("<all>" + xml + "</all>"));
  }

  Stream<Dependency> withVersion() {
    return dependencies.stream().filter(d -> d.version() != null);
  }

  private static List<Dependency> dependencies(Element within) {
    return elements(within, "dependency").stream()
        .map(
            d ->
                new Dependency(
                    child(d, "groupId"),
                    child(d, "artifactId"),
                    child(d, "version"),
                    child(d, "classifier")))
        .toList();
  }

  private static String resolved(String text, Map<String, String> properties) {
    String before = "";
    String after = text;
    while (!after.equals(before)) {
      before = after;
      after =
          PROPERTY
              .matcher(before)
              .replaceAll(
                  p ->
                      Matcher.quoteReplacement(
                          properties.getOrDefault(p.group(1), "unknown " + p.group(1))));
    }
    return after;
  }

  private static Element parse(String xml) throws SAXException {
    try {
      DocumentBuilder builder = DocumentBuilderFactory.newInstance().newDocumentBuilder();
      builder.setErrorHandler(null); // it would print what is thrown anyway
      return builder.parse(new InputSource(new StringReader(xml))).getDocumentElement();
    } catch (ParserConfigurationException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<Element> elements(Element within, String name) {
    List<Element> elements = new ArrayList<>();
    NodeList found = within.getElementsByTagName(name);
    for (int i = 0; i < found.getLength(); i++) {
      elements.add((Element) found.item(i));
    }
    return elements;
  }

  private static String child(Element within, String name) {
    for (Node node = within.getFirstChild(); node != null; node = node.getNextSibling()) {
      if (node.getNodeName().equals(name)) {
        return node.getTextContent().trim();
      }
    }
    return null;
  }
}
