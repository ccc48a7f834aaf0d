package io.github.lorascope.examples;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The options that say where passages and queries are. */
final class TextOptions {
  @Option(
      names = "--collection",
      paramLabel = "FILE",
      required = true,
      description = "Passages: id and text a line, separated by a tab, or BEIR's corpus.jsonl.")
  Path collection;

  @Option(
      names = "--queries",
      paramLabel = "FILE",
      required = true,
      description = "Queries: id and text a line, separated by a tab, or BEIR's queries.jsonl.")
  Path queries;
}
