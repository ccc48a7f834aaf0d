package io.github.lorascope.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.OtherProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** ONNX Runtime tries to load its library once a process. */
class NativeLoadTest {
  private static final String PROGRAM =
      """
      import io.github.lorascope.onnx.OnnxException;
      import io.github.lorascope.onnx.OnnxReranker;
      import java.nio.file.Path;

      class Probe {
        public static void main(String[] arguments) {
          for (int i = 0; i < 2; i++) {
            try {
              OnnxReranker.load(Path.of(arguments[0])).close();
            } catch (OnnxException e) {
              System.out.println("said: " + e.getMessage());
            }
          }
        }
      }
      """;

  @TempDir Path folder;

  @Test
  void aLibraryThatDoesNotLoadIsSaidEachTime() throws IOException, InterruptedException {
    Files.writeString(folder.resolve("model.onnx"), "");
    Files.writeString(
        folder.resolve("tokenizer.json"),
        "{\"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": 0}, \"merges\": []}}");
    Path none = Files.createDirectory(folder.resolve("libraries"));
    for (String name : List.of("libonnxruntime.so", "libonnxruntime.dylib", "onnxruntime.dll")) {
      Files.writeString(none.resolve(name), "no library");
    }
    OtherProcess.Ended ended =
        OtherProcess.run(PROGRAM, List.of("-Donnxruntime.native.path=" + none), folder.toString());
    List<String> said = ended.said().lines().filter(line -> line.startsWith("said: ")).toList();
    assertEquals(2, said.size(), ended.said());
    for (String line : said) {
      assertTrue(line.contains("ONNX Runtime's native library does not load on "), line);
      assertTrue(line.contains("-Djava.io.tmpdir"), line);
    }
    assertTrue(said.get(0).contains("libonnxruntime"), said.get(0));
  }
}
