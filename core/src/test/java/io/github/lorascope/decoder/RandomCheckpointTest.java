package io.github.lorascope.decoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.lorascope.Golden;
import io.github.lorascope.checkpoint.Checkpoint;
import io.github.lorascope.checkpoint.CheckpointException;
import io.github.lorascope.checkpoint.ModelConfig;
import io.github.lorascope.io.FileWriteException;
import io.github.lorascope.weights.Weight;
import io.github.lorascope.weights.WeightForm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RandomCheckpointTest {
  private static final Path CONFIG = Golden.path("phi3/config.json");

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"phi3", "qwen2-bias", "qwen3", "llama-gqa"})
  void holdsTheRandomWeightsRoundedToBfloat16(String model) {
    List<Double> shares = new ArrayList<>();
    Path out = folder.resolve("out");
    RandomCheckpoint.write(Golden.path(model + "/config.json"), 3, out, shares::add);
    assertEquals(1, shares.get(shares.size() - 1));

    Checkpoint checkpoint = Checkpoint.open(out);
    ModelConfig config = checkpoint.config();
    WeightSource source = new RandomWeights(config, 3);
    int hidden = config.hiddenSize();
    hold(source, checkpoint, "model.embed_tokens.weight", config.vocabularySize(), hidden);
    hold(source, checkpoint, "lm_head.weight", config.vocabularySize(), hidden);
    for (LinearModule module : LinearModule.of(config)) {
      String name = "model.layers." + (config.layers() - 1) + "." + module.path();
      hold(source, checkpoint, name + ".weight", module.outputs(), module.inputs());
      assertEquals(module.bias(), checkpoint.has(name + ".bias"));
    }
    try (Decoder decoder = Decoder.load(out, LoadOptions.defaults().withBackend("reference"))) {
      assertEquals(config, decoder.config());
    }
  }

  private static void hold(
      WeightSource source, Checkpoint checkpoint, String name, int rows, int columns) {
    float[] expected = new float[rows * columns];
    source.matrix(name, rows, columns).readRounded(0, rows, expected, 0);
    float[] actual = new float[rows * columns];
    Weight stored = checkpoint.matrix(name, rows, columns);
    assertEquals(WeightForm.BF16, stored.form());
    stored.read(0, rows, actual, 0);
    assertArrayEquals(expected, actual, name);
  }

  @Test
  void leavesNothingWhereItIsStopped() throws IOException {
    Path out = folder.resolve("out");
    IllegalStateException stop = new IllegalStateException("stop");
    assertEquals(
        stop,
        assertThrows(
            IllegalStateException.class,
            () ->
                RandomCheckpoint.write(
                    CONFIG,
                    0,
                    out,
                    share -> {
                      throw stop;
                    })));
    try (var files = Files.list(folder)) {
      assertEquals(List.of(), files.toList());
    }
  }

  @Test
  void refusesAFolderThatHoldsSomethingAndAShapeThatCannotBe() throws IOException {
    Path taken = Files.createDirectory(folder.resolve("taken"));
    Files.writeString(taken.resolve("notes.txt"), "mine");
    assertThrows(
        FileWriteException.class, () -> RandomCheckpoint.write(CONFIG, 0, taken, share -> {}));
    Path broken = Files.writeString(folder.resolve("config.json"), "{\"model_type\": \"phi3\"}");
    Path out = folder.resolve("out");
    assertThrows(
        CheckpointException.class, () -> RandomCheckpoint.write(broken, 0, out, share -> {}));
    assertFalse(Files.exists(out));
  }
}
