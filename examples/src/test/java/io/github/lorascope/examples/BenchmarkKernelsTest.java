package io.github.lorascope.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.backend.Backends;
import io.github.lorascope.json.Json;
import io.github.lorascope.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

class BenchmarkKernelsTest {
  private static final List<String> OPERATIONS =
      List.of(
          "gather",
          "rmsNorm",
          "rmsNorm backward",
          "addRmsNorm",
          "rope",
          "rope backward",
          "swiGlu",
          "swiGlu backward",
          "add",
          "copy",
          "selectRows",
          "addToRows",
          "attention",
          "attention backward",
          "linear qkv_proj dense",
          "linear qkv_proj dense backward",
          "linear qkv_proj dense with LoRA",
          "linear qkv_proj dense with LoRA backward",
          "quantize qkv_proj",
          "linear qkv_proj nf4",
          "linear down_proj nf4 backward",
          "head",
          "head backward",
          "crossEntropy",
          "adamW",
          "scale",
          "squaredNorms");

  @TempDir Path folder;

  static List<String> backends() {
    return Backends.names();
  }

  private List<String> arguments(String backend, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--config",
                TinyFolder.model(folder.resolve("model")).resolve("config.json").toString(),
                "--batch",
                "3",
                "--length",
                "9",
                "--milliseconds",
                "0",
                "--backend",
                backend));
    arguments.addAll(List.of(more));
    return arguments;
  }

  /** What it says is not held to any speed. */
  @ParameterizedTest
  @MethodSource("backends")
  void everyOperationIsTimed(String backend) {
    Path json = folder.resolve("kernels.json");
    // Not as a process of its own, which would not find the backends of the tests.
    CommandLine program = new CommandLine(new BenchmarkKernels());
    String[] arguments = arguments(backend, "--json", json.toString()).toArray(String[]::new);
    assertEquals(0, program.execute(arguments));
    List<JsonObject> operations = Json.read(json).objects("operations");
    List<String> names = operations.stream().map(o -> o.string("operation")).toList();
    assertTrue(names.containsAll(OPERATIONS), names.toString());
    for (JsonObject operation : operations) {
      assertTrue(operation.number("share") > 0, operation.string("operation"));
    }
    assertTrue(Json.read(json).number("bytes_per_second") > 0);
  }

  @Test
  void someAreTimedAlone() throws Exception {
    Path json = folder.resolve("kernels.json");
    Program.Result result =
        Program.run(
            folder.resolve("log"),
            BenchmarkKernels.class,
            arguments("reference", "--only", "^attention$", "--json", json.toString()));
    assertEquals(0, result.status(), result.err());
    assertTrue(Files.exists(json));
    List<JsonObject> operations = Json.read(json).objects("operations");
    assertEquals(3, operations.size());
    assertEquals(3, result.out().lines().filter(l -> l.startsWith("attention ")).count());
    assertTrue(operations.stream().allMatch(o -> o.string("operation").equals("attention")));
  }
}
