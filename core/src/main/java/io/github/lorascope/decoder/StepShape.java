package io.github.lorascope.decoder;

import io.github.lorascope.checkpoint.ModelConfig;
import io.github.lorascope.decoder.AdapterTensors.Site;
import java.util.Set;

/**
 * What the memory of one pass, and of the training step around it, depends on.
 *
 * @param config the model's shape
 * @param load form of the frozen linear layers, precision and memory cap
 * @param embeddingBytes bytes of a number of the embedding, which is held as it is stored
 * @param activationBytes bytes of a number of what products read and of what attention and the MLP
 *     compute with: 2 where the backend keeps it in bfloat16, 4 where in float32
 * @param sites where the adapter has paths
 * @param rank their rank
 * @param batch the sequences; of their tokens the number alone counts
 * @param pass whether it trains, with dropout, recomputing
 */
public record StepShape(
    ModelConfig config,
    LoadOptions load,
    int embeddingBytes,
    int activationBytes,
    Set<Site> sites,
    int rank,
    TokenBatch batch,
    PassOptions pass) {
  /** Copies the sites and refuses a batch whose sequences continue the first. */
  public StepShape {
    sites = Set.copyOf(sites);
    if (batch.continued()) {
      throw new IllegalArgumentException("a plan for sequences that continue another");
    }
  }

  /** Numbers that are trained: A and B of every path, and the head. */
  long parameters() {
    long sum = 2L * config.hiddenSize();
    for (LinearModule module : LinearModule.of(config)) {
      for (int layer = 0; layer < config.layers(); layer++) {
        if (sites.contains(new Site(layer, module.path()))) {
          sum += (long) rank * (module.inputs() + module.outputs());
        }
      }
    }
    return sum;
  }

  /** The first layer that is kept for the backward pass; the number of layers if none is. */
  int lowestLayer() {
    int layers = config.layers();
    return pass.training() ? sites.stream().mapToInt(Site::layer).min().orElse(layers) : layers;
  }
}
