package io.github.lorascope.decoder;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.lorascope.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The golden model llama-gqa as a Mistral, whose middle layer alone has a window. */
public final class TestMistral {
  /** How many positions the middle one of its three layers sees, the own included. */
  public static final int WINDOW = 4;

  private static final ObjectMapper JSON = new ObjectMapper();

  private TestMistral() {}

  /**
   * Writes its configuration beside the weights of llama-gqa.
   *
   * @param folder where to; made if it does not exist
   * @return the folder
   */
  public static Path write(Path folder) throws IOException {
    Files.createDirectories(folder);
    Path weights = Golden.path("llama-gqa/model.safetensors");
    Files.copy(weights, folder.resolve("model.safetensors"));
    ObjectNode config = (ObjectNode) JSON.readTree(Golden.path("llama-gqa/config.json").toFile());
    config.put("model_type", "mistral").put("sliding_window", WINDOW);
    config
        .putArray("layer_types")
        .add("full_attention")
        .add("sliding_attention")
        .add("full_attention");
    JSON.writeValue(folder.resolve("config.json").toFile(), config);
    return folder;
  }
}
