package io.github.lorascope.rerank;

import io.github.lorascope.trec.RunFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** A folder with what a reranking reads and writes; a test fills it. */
abstract class RerankFixture {
  @TempDir Path folder;

  Path write(String name, String content) throws IOException {
    return Files.writeString(folder.resolve(name), content);
  }

  Path out() {
    return folder.resolve("out.run");
  }

  Path partial() {
    return folder.resolve("out.run.partial");
  }

  RunReranking reranking() {
    return RunReranking.of(RunFile.scan(folder.resolve("run")))
        .passages(folder.resolve("collection"))
        .queries(folder.resolve("queries"));
  }
}
