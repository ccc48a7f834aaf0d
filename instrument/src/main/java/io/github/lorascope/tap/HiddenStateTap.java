package io.github.lorascope.tap;

import io.github.lorascope.data.PairExample;
import io.github.lorascope.rerank.Reranker;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Records states of the residual stream, one vector an example and layer: of the last token, or
 * averaged over the tokens of a part of the prompt. Index 0 is the embedding, where the last token
 * is the same in every prompt; index N is the stream behind N layers; all before the final norm.
 * (The last of transformers' {@code hidden_states} is after it.) Immutable.
 *
 * <pre>{@code
 * HiddenStateTap tap = HiddenStateTap.layers(0, 8, 18).last();
 * Path file = folder.resolve("states/after.safetensors");
 * HiddenStates recorded = tap.record(reranker, pairs, file, Map.of("model", "mine"));
 * float[][] deep = recorded.layer(18);              // [examples, hidden], read from the file now
 * HiddenStates later = HiddenStates.read(file);     // the same, without the model
 * int[] answers = later.labels();                   // 0: A is the relevant passage, 1: B
 * HiddenStates inMemory = HiddenStateTap.allLayers().mean(Span.A).collect(reranker, pairs);
 * }</pre>
 */
public final class HiddenStateTap {
  private final LayerChoice layers;
  private final Position position;

  private HiddenStateTap(LayerChoice layers, Position position) {
    this.layers = layers;
    this.position = position;
  }

  /**
   * Looks behind some numbers of layers, at the last token.
   *
   * @param layers how many layers the stream has passed, from 0 to the number that the model has
   * @return the tap
   */
  public static HiddenStateTap layers(int... layers) {
    return new HiddenStateTap(LayerChoice.of(layers), Position.LAST);
  }

  /**
   * Looks at the embedding and behind every layer, at the last token.
   *
   * @return the tap
   */
  public static HiddenStateTap allLayers() {
    return new HiddenStateTap(LayerChoice.ALL, Position.LAST);
  }

  /**
   * Takes the last token's states.
   *
   * @return a tap that does so
   */
  public HiddenStateTap last() {
    return new HiddenStateTap(layers, Position.LAST);
  }

  /**
   * Averages the states of a part's tokens.
   *
   * @param span the part
   * @return a tap that does so
   */
  public HiddenStateTap mean(Span span) {
    return new HiddenStateTap(layers, new Position(span));
  }

  /**
   * Records to memory: examples x layers x hidden numbers.
   *
   * @param reranker the model, with its adapter if it has one
   * @param pairs the pairs, at least one
   * @return the states
   * @throws IllegalArgumentException if the model has no such layer
   * @throws TapException if a part to be averaged has no token
   * @throws io.github.lorascope.prompt.PromptException if a query leaves no room for its passages
   */
  public HiddenStates collect(Reranker reranker, List<PairExample> pairs) {
    return Observation.of(reranker, pairs).states(this).run().states().orElseThrow();
  }

  /**
   * Records to a safetensors file as the states come: the memory does not grow with the number of
   * examples. The file appears when it is whole. To hear of the progress, or to record other things
   * in the same passes, see {@link Observation}.
   *
   * @param reranker the model, with its adapter if it has one
   * @param pairs the pairs, at least one
   * @param file the target, replaced if it exists: {@code hidden.N} [examples, hidden] of every
   *     chosen N, and {@code labels}
   * @param provenance what the numbers come from
   * @return the states, in the file
   * @throws IllegalArgumentException if the model has no such layer
   * @throws TapException if a part to be averaged has no token
   * @throws io.github.lorascope.prompt.PromptException if a query leaves no room for its passages
   * @throws io.github.lorascope.io.FileWriteException if the file system fails
   */
  public HiddenStates record(
      Reranker reranker, List<PairExample> pairs, Path file, Map<String, String> provenance) {
    return Observation.of(reranker, pairs)
        .states(this)
        .run(file, provenance)
        .states()
        .orElseThrow();
  }

  LayerChoice choice() {
    return layers;
  }

  Position position() {
    return position;
  }
}
