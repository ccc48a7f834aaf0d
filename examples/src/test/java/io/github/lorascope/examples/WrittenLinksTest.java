package io.github.lorascope.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Links between the written pages lead somewhere. */
class WrittenLinksTest {
  @TempDir private Path folder;

  @Test
  void leadSomewhere() throws IOException {
    List<Markdown> pages = new ArrayList<>(Markdown.pages());
    pages.add(Markdown.read(SourceTree.root().resolve("CONTRIBUTING.md")));
    List<String> broken = new ArrayList<>();
    for (Markdown page : pages) {
      broken.addAll(broken(page, SourceTree.root()));
    }
    assertEquals(List.of(), broken);
  }

  @Test
  void everyPageOfTheGuideIsListed() throws IOException {
    Path guide = SourceTree.root().resolve("examples/guide");
    List<String> listed =
        Markdown.read(guide.resolve("index.md")).links().stream().map(l -> l.content()).toList();
    List<String> lacking =
        Markdown.pages().stream()
            .map(page -> page.file())
            .filter(file -> file.startsWith(guide) && !file.endsWith("index.md"))
            .map(file -> file.getFileName().toString())
            .filter(name -> !listed.contains(name))
            .toList();
    assertEquals(List.of(), lacking, "index.md has no link to it");
  }

  @Test
  void brokenOnesAreFound() throws IOException {
    Path file = folder.resolve("page.md");
    String text =
        """
        # A heading, with `code`
        [a](#a-heading-with-code) [b](page.md#a-heading-with-code) [c](https://host/nothing)
        [d](#nothing) [e](nothing.md) [f](page.md#nothing) [g](/page.md) [h](../page.md) `[i](code)`
        """;
    Files.writeString(file, text);
    assertEquals(
        List.of(
            "page.md:3: #nothing",
            "page.md:3: nothing.md",
            "page.md:3: page.md#nothing",
            "page.md:3: /page.md",
            "page.md:3: ../page.md"),
        broken(Markdown.of(file, text), folder));
  }

  private static List<String> broken(Markdown page, Path root) throws IOException {
    List<String> broken = new ArrayList<>();
    for (Markdown.Part link : page.links()) {
      if (!link.content().matches("https?://.*") && !leadsSomewhere(page, link.content(), root)) {
        broken.add(link.place() + ": " + link.content());
      }
    }
    return broken;
  }

  private static boolean leadsSomewhere(Markdown page, String link, Path root) throws IOException {
    int hash = link.indexOf('#');
    String name = hash < 0 ? link : link.substring(0, hash);
    if (name.startsWith("/")) {
      return false;
    }
    Path target =
        name.isEmpty()
            ? page.file()
            : page.file().resolveSibling(name).toAbsolutePath().normalize();
    if (!target.startsWith(root) || !Files.exists(target)) {
      return false;
    }
    return hash < 0 || Markdown.read(target).anchors().contains(link.substring(hash + 1));
  }
}
