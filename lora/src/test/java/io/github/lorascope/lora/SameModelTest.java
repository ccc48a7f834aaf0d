package io.github.lorascope.lora;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.lorascope.Reference;
import io.github.lorascope.checkpoint.Checkpoint;
import io.github.lorascope.checkpoint.ModelConfig;
import io.github.lorascope.gguf.GgufModels;
import io.github.lorascope.gguf.GgufType;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** GGUF files beside the config.json that they were made of, and beside one that was changed. */
class SameModelTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;

  private ModelConfig gguf(String model) throws IOException {
    Path file = GgufModels.of(model, GgufType.F32).write(folder.resolve("base.gguf"));
    return Checkpoint.open(file).config();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "llama-gqa",
        "llama3-rope",
        "phi3",
        "phi3-window",
        "phi3-partial",
        "phi3-longrope",
        "phi3-longrope-short"
      })
  void takesTheModelsOwn(String model) throws IOException {
    MergedFolder.of(Reference.path(model), gguf(model));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "llama-gqa | /rms_norm_eps | 1e-3 | rms_norm_eps is 0.001 and not 1.0E-5",
        "llama-gqa | /attention_bias | true | bias of queries, keys and values is true and not false",
        "llama-gqa | /mlp_bias | true | mlp_bias is true and not false",
        "llama-gqa | /rope_parameters/rope_theta | 100100.0 | the rope's frequencies[1] is 0.2",
        "llama3-rope | /rope_parameters/factor | 8.0 | the rope's frequencies[",
        "phi3 | /rope_parameters/partial_rotary_factor | 0.5 | number of the rope's frequencies is 4 and not 8",
        "phi3-longrope | /rope_parameters/attention_factor | 1.5 | the rope's magnitude[0] is 1.5",
        "phi3-longrope | /rope_parameters/long_factor/2 | 1.9 | the rope's long frequencies[2] is",
        "phi3-longrope | /original_max_position_embeddings | 32 | first trained for is 32 and not 16",
        "phi3-window | /sliding_window | 10 | the window of layer 0 is 10 and not 9",
        "phi3-window | /sliding_window | null | the window of layer 0 is 128 and not 9",
      })
  void refusesAnothers(String model, String at, String value, String part) throws IOException {
    ModelConfig ours = gguf(model);
    write(model, at, value);
    MergeException e = assertThrows(MergeException.class, () -> MergedFolder.of(folder, ours));
    assertTrue(e.getMessage().contains("config.json is that of another model"), e.getMessage());
    assertTrue(e.getMessage().contains(part), e.getMessage());
  }

  /** Rounded numbers, other room for sequences, and a window that no sequence is longer than. */
  @ParameterizedTest
  @CsvSource({
    "llama-gqa, /rope_parameters/rope_theta, 100001.0",
    "llama-gqa, /max_position_embeddings, 64",
    "phi3-longrope, /rope_parameters/long_factor/1, 1.40005",
    "phi3, /sliding_window, 128",
  })
  void takesWhatMakesNoDifference(String model, String at, String value) throws IOException {
    ModelConfig ours = gguf(model);
    write(model, at, value);
    MergedFolder.of(folder, ours);
  }

  private void write(String model, String at, String value) throws IOException {
    ObjectNode json = (ObjectNode) JSON.readTree(Reference.path(model + "/config.json").toFile());
    int end = at.lastIndexOf('/');
    String name = at.substring(end + 1);
    if (json.at(at.substring(0, end)) instanceof ObjectNode parent) {
      parent.set(name, JSON.readTree(value));
    } else {
      ((ArrayNode) json.at(at.substring(0, end))).set(Integer.parseInt(name), JSON.readTree(value));
    }
    JSON.writeValue(folder.resolve("config.json").toFile(), json);
  }
}
