package io.github.lorascope.tap;

import io.github.lorascope.data.PairExample;
import io.github.lorascope.rerank.Reranker;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Measures who attends to whom: for every pair, layer and head how much of their attention the
 * passages' tokens give to the query, passage B's to passage A and the last token to each, and how
 * spread the last token's attention is. Summed over the tokens attended to and averaged over those
 * that attend; the prompt's own tokens alone, since there is no padding. Immutable.
 *
 * <pre>{@code
 * AttentionTap tap = AttentionTap.layers(0, 8, 16).matrices(0);
 * AttentionMeasurement without = tap.measure(reranker.withAdapter(null), pairs);
 * AttentionMeasurement with = tap.measure(reranker.withAdapter(adapter.view()), pairs);
 * AttentionComparison change = AttentionComparison.of(without, with);
 * change.of(AttentionQuantity.A_TO_QUERY, 16, 3); // of layer 16's head 3, with its interval
 * with.matching(16, 3);                           // how often that head alone ranks right
 * with.matrix(0, 16, 3);                          // example 0's whole matrix [tokens, tokens]
 * with.write(folder.resolve("attention/after.safetensors"), Map.of("model", "mine"));
 * Snapshots listener = tap.on(pairs);             // before and after a training
 * }</pre>
 */
public final class AttentionTap {
  private final LayerChoice layers;
  private final Set<Integer> matrices;

  private AttentionTap(LayerChoice layers, Set<Integer> matrices) {
    this.layers = layers;
    this.matrices = matrices;
  }

  /**
   * Looks at some layers.
   *
   * @param layers the layers, from 0
   * @return the tap
   */
  public static AttentionTap layers(int... layers) {
    return new AttentionTap(LayerChoice.of(layers), Set.of());
  }

  /**
   * Looks at every layer.
   *
   * @return the tap
   */
  public static AttentionTap allLayers() {
    return new AttentionTap(LayerChoice.ALL, Set.of());
  }

  /**
   * Keeps the full matrices of some examples: heads x tokens x tokens numbers a layer each.
   *
   * @param examples their places in the list of pairs, from 0
   * @return a tap that does so
   */
  public AttentionTap matrices(int... examples) {
    return new AttentionTap(
        layers, Arrays.stream(examples).boxed().collect(Collectors.toUnmodifiableSet()));
  }

  /**
   * Measures.
   *
   * @param reranker the model, with its adapter if it has one
   * @param pairs the pairs, at least one
   * @return what was measured
   * @throws IllegalArgumentException if the model has no such layer or the list no such example
   * @throws io.github.lorascope.prompt.PromptException if a query leaves no room for its passages
   * @throws io.github.lorascope.tensor.MemoryCapException if a prompt does not fit the memory
   */
  public AttentionMeasurement measure(Reranker reranker, List<PairExample> pairs) {
    return Observation.of(reranker, pairs).attention(this).run().attention().orElseThrow();
  }

  /**
   * Measures before and after a training.
   *
   * @param pairs what to measure on
   * @return a listener, to which other taps may be added
   */
  public Snapshots on(List<PairExample> pairs) {
    return Snapshots.on(pairs).attention(this);
  }

  LayerChoice choice() {
    return layers;
  }

  Set<Integer> matrices() {
    return matrices;
  }
}
