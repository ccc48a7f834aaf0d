package io.github.lorascope.decoder;

import io.github.lorascope.decoder.AdapterTensors.Site;
import java.util.HashMap;
import java.util.Map;

/**
 * LoRA paths and a head, as the decoder computes with them.
 *
 * @param values the matrices
 * @param scale what a path's product is multiplied with: alpha / rank, or alpha / sqrt(rank)
 */
public record Adapter(AdapterTensors values, double scale) {
  /**
   * Returns the same with the paths of one layer switched off.
   *
   * @param layer the decoder layer, from 0; one without paths changes nothing
   * @return the adapter, on the same parameters
   */
  public Adapter withoutLayer(int layer) {
    Map<Site, LowRankPair> others = new HashMap<>(values.paths());
    others.keySet().removeIf(site -> site.layer() == layer);
    return new Adapter(new AdapterTensors(others, values.head()), scale);
  }

  /**
   * Returns the head alone.
   *
   * @return an adapter without paths, on the same head
   */
  public Adapter headOnly() {
    return new Adapter(new AdapterTensors(Map.of(), values.head()), scale);
  }

  /**
   * Identifies it by its numbers as they are now, wherever they came from.
   *
   * @return SHA-256 of the scale and of every matrix with its place, 64 hexadecimal digits; the
   *     same for an adapter that was saved and loaded again
   */
  public String sha256() {
    return AdapterDigest.of(this);
  }
}
