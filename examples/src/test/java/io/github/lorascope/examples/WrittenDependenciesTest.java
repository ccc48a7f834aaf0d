package io.github.lorascope.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

/** Dependencies that are written of are XML, and have the versions that the build has. */
class WrittenDependenciesTest {
  private static final Pattern PROPERTY = Pattern.compile("\\$\\{([^}]+)}");
  private static final Pattern COORDINATES =
      Pattern.compile("`([a-z][\\w-]*(?:\\.[\\w-]+)+):([a-z][\\w.-]*):(\\d[\\w.-]*)`");

  /** What a user may take beside what the build takes, in the same version. */
  private static final Map<String, String> BESIDE =
      Map.of(
          "onnxruntime_gpu", "onnxruntime",
          "cuda-redist-cublas", "cuda-redist");

  private static final Map<String, String> VERSIONS = new HashMap<>();
  private static String ownVersion;

  @BeforeAll
  static void readVersions() throws IOException, SAXException {
    Element pom =
        parse(Files.readString(SourceTree.root().resolve("pom.xml"))).getDocumentElement();
    ownVersion = child(pom, "version");
    Map<String, String> properties = new HashMap<>(Map.of("project.version", ownVersion));
    NodeList all = ((Element) pom.getElementsByTagName("properties").item(0)).getChildNodes();
    for (int i = 0; i < all.getLength(); i++) {
      properties.put(all.item(i).getNodeName(), all.item(i).getTextContent().trim());
    }
    for (Element dependency : elements(pom, "dependency")) {
      String version = child(dependency, "version");
      if (version != null) {
        VERSIONS.put(child(dependency, "artifactId"), resolved(version, properties));
      }
    }
  }

  @Test
  void areThoseOfTheBuild() throws IOException {
    List<String> wrong = new ArrayList<>();
    int blocks = 0;
    for (Markdown page : Markdown.pages()) {
      for (Markdown.Part block : page.blocks("xml")) {
        blocks++;
        wrong(block.content()).forEach(what -> wrong.add(block.place() + ": " + what));
      }
      for (Markdown.Part line : page.lines()) {
        wrongCoordinates(line.content()).forEach(what -> wrong.add(line.place() + ": " + what));
      }
    }
    assertEquals(List.of(), wrong);
    assertFalse(blocks < 3, blocks + " blocks were found");
  }

  @Test
  void wrongOnesAreFound() {
    String block =
        """
        <dependency>
          <groupId>org.apache.lucene</groupId>
          <artifactId>%s</artifactId>
          <version>%s</version>
        </dependency>
        """;
    String lucene = VERSIONS.get("lucene-core");
    assertEquals(List.of(), wrong(block.formatted("lucene-core", lucene)));
    assertEquals(
        List.of("lucene-core is 1.0 here and " + lucene + " in the build"),
        wrong(block.formatted("lucene-core", "1.0")));
    assertEquals(
        List.of("lucene-cor is not in the build"), wrong(block.formatted("lucene-cor", "1.0")));
    assertEquals(1, wrong("<dependency>").size(), "no XML");
    assertEquals(
        List.of("onnxruntime is 1.0 here and " + VERSIONS.get("onnxruntime") + " in the build"),
        wrongCoordinates("`com.microsoft.onnxruntime:onnxruntime:1.0`"));
  }

  private static List<String> wrong(String block) {
    List<String> wrong = new ArrayList<>();
    try {
      for (Element dependency :
          elements(parse("<all>" + block + "</all>").getDocumentElement(), "dependency")) {
        String version = child(dependency, "version");
        if (version != null && !version.startsWith("${")) {
          check(child(dependency, "groupId"), child(dependency, "artifactId"), version, wrong);
        }
      }
    } catch (SAXException e) {
      wrong.add("no XML: " + e.getMessage());
    }
    return wrong;
  }

  private static List<String> wrongCoordinates(String line) {
    List<String> wrong = new ArrayList<>();
    COORDINATES
        .matcher(line)
        .results()
        .forEach(found -> check(found.group(1), found.group(2), found.group(3), wrong));
    return wrong;
  }

  private static void check(String group, String artifact, String version, List<String> wrong) {
    String expected =
        "io.github.lorascope".equals(group)
            ? ownVersion
            : VERSIONS.get(BESIDE.getOrDefault(artifact, artifact));
    if (expected == null) {
      wrong.add(artifact + " is not in the build");
    } else if (!expected.equals(version)) {
      wrong.add(artifact + " is " + version + " here and " + expected + " in the build");
    }
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

  private static Document parse(String xml) throws SAXException {
    try {
      DocumentBuilder builder = DocumentBuilderFactory.newInstance().newDocumentBuilder();
      builder.setErrorHandler(null); // it would print what is thrown anyway
      return builder.parse(new InputSource(new StringReader(xml)));
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
