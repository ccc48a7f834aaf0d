package io.github.lorascope.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.backend.Precision;
import io.github.lorascope.checkpoint.SafetensorsFile;
import io.github.lorascope.checkpoint.SafetensorsWriter;
import io.github.lorascope.decoder.LoadOptions;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ParityCheckTest {
  @TempDir Path folder;

  private Program.Result check(Path model) {
    return Program.run(
        folder.resolve("log"),
        ParityCheck.class,
        List.of("--backend", "reference", model.toString()));
  }

  @Test
  void endsWith0WhereAllIsWithinBounds() {
    Program.Result result = check(Folders.golden("llama-gqa"));
    assertEquals(0, result.status());
    assertEquals("all within bounds", result.lastLine());
    assertFalse(result.out().contains("OUT"));
    assertEquals("", result.err());
  }

  @Test
  void endsWith1WhereOneIsNot() {
    Program.Result result = check(altered("train.losses", 7));
    assertEquals(1, result.status());
    assertEquals("some are OUT of bounds", result.lastLine());
    List<String> out = result.out().lines().filter(line -> line.startsWith("  OUT")).toList();
    assertEquals(1, out.size(), out.toString());
    assertTrue(out.get(0).contains(" train.losses "), out.get(0));
  }

  @ParameterizedTest
  @CsvSource({"hidden.2, 5", "logits, 0", "loss, 0", "attention.1, 0", "train.grad_norms, 3"})
  void oneWrongReferenceValueIsFound(String tensor, int index) {
    LoadOptions options = LoadOptions.defaults().with(Precision.F32).withBackend("reference");
    List<String> out =
        Parity.check(altered(tensor, index), options).stream()
            .filter(row -> !row.ok())
            .map(Parity.Row::tensor)
            .toList();
    assertEquals(List.of(tensor), out);
  }

  private Path altered(String tensor, int index) {
    Path model = Folders.copy(Folders.golden("llama-gqa"), folder.resolve("model"));
    alter(model.resolve("reference.safetensors"), tensor, index);
    return model;
  }

  /** Writes the file anew with one number changed by 0.01. */
  private static void alter(Path path, String changed, int index) {
    SafetensorsFile file = SafetensorsFile.open(path);
    SafetensorsWriter writer = new SafetensorsWriter();
    for (String name : file.names()) {
      long[] shape = file.info(name).shape().stream().mapToLong(Long::longValue).toArray();
      if (name.matches("input_ids|attention_mask|labels")) {
        long[] values = new long[file.data(name).remaining() / Long.BYTES];
        file.data(name).asLongBuffer().get(values);
        writer.i64(name, values, shape);
      } else {
        float[] values = file.floats(name);
        if (name.equals(changed)) {
          values[index] += 0.01f;
        }
        writer.f32(name, values, shape);
      }
    }
    writer.write(path);
  }
}
