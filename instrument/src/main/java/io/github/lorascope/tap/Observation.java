package io.github.lorascope.tap;

import io.github.lorascope.data.PairExample;
import io.github.lorascope.rerank.Reranker;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.IntConsumer;

/**
 * Looks at a model with several taps in the same passes. The passes are apart from those of scoring
 * and training and change neither.
 *
 * <pre>{@code
 * Observed seen =
 *     Observation.of(reranker, pairs)
 *         .attention(AttentionTap.allLayers())
 *         .states(HiddenStateTap.layers(0, 8, 18))
 *         .lens()
 *         .progress(done -> System.err.println(done + " of " + pairs.size()))
 *         .writeTo(folder, "after", Map.of("model", "mine"));
 * Optional<MatchingHead> head = seen.attention().orElseThrow().matchingHead();
 * float[][] states = seen.states().orElseThrow().layer(18);
 * }</pre>
 */
public final class Observation {
  private final Reranker reranker;
  private final List<PairExample> pairs;
  private final ExampleSet examples;
  private AttentionTap attention;
  private HiddenStateTap states;
  private boolean lens;
  private IntConsumer progress = done -> {};

  private Observation(Reranker reranker, List<PairExample> pairs) {
    this.reranker = Objects.requireNonNull(reranker, "reranker");
    this.pairs = pairs;
    this.examples = ExampleSet.of(pairs);
  }

  /**
   * Begins an observation.
   *
   * @param reranker the model, with its adapter if it has one
   * @param pairs the pairs, at least one
   * @return the observation, of nothing yet
   */
  public static Observation of(Reranker reranker, List<PairExample> pairs) {
    return new Observation(reranker, pairs);
  }

  /**
   * Measures attention.
   *
   * @param tap what of it
   * @return this
   */
  public Observation attention(AttentionTap tap) {
    attention = tap;
    return this;
  }

  /**
   * Records states of the residual stream.
   *
   * @param tap which
   * @return this
   */
  public Observation states(HiddenStateTap tap) {
    states = tap;
    return this;
  }

  /**
   * Reads out behind every layer.
   *
   * @return this
   */
  public Observation lens() {
    lens = true;
    return this;
  }

  /**
   * Asks to be told of the progress.
   *
   * @param listener hears how many pairs are done, after every pass
   * @return this
   */
  public Observation progress(IntConsumer listener) {
    progress = listener;
    return this;
  }

  /**
   * Runs the passes and keeps what is found in memory.
   *
   * @return what was found
   * @throws IllegalArgumentException if the model has no such layer, or the list no such example
   * @throws TapException if a part whose states are to be averaged has no token
   * @throws io.github.lorascope.prompt.PromptException if a query leaves no room for its passages
   * @throws io.github.lorascope.tensor.MemoryCapException if a prompt does not fit the memory
   */
  public Observed run() {
    return run(null, Map.of());
  }

  /**
   * Runs the passes and writes what is found to {@code attention/NAME.safetensors}, {@code
   * states/NAME.safetensors} and {@code lens/NAME.safetensors} of a folder, each whole or not at
   * all. States go to their file as they come, so that they take no memory.
   *
   * @param folder the folder, such as that of a run
   * @param name such as {@code before} or {@code after}
   * @param provenance what the numbers come from
   * @return what was found; the states are read from their file
   * @throws io.github.lorascope.io.FileWriteException if the file system fails; and as {@link #run}
   */
  public Observed writeTo(Path folder, String name, Map<String, String> provenance) {
    Observed seen = run(Observed.statesFile(folder, name), provenance);
    seen.attention().ifPresent(a -> a.write(Observed.attentionFile(folder, name), provenance));
    seen.lens().ifPresent(l -> l.write(Observed.lensFile(folder, name), provenance));
    return seen;
  }

  /** States go to the file, or to memory if it is null. */
  Observed run(Path statesFile, Map<String, String> provenance) {
    AttentionRecorder masses =
        attention == null ? null : new AttentionRecorder(attention, reranker, examples);
    LensRecorder readings = lens ? new LensRecorder(reranker, examples) : null;
    try (StateRecorder stream =
        states == null
            ? null
            : new StateRecorder(states, reranker, examples, statesFile, provenance)) {
      List<Observer> observers = new ArrayList<>();
      for (Observer observer : new Observer[] {masses, readings, stream}) {
        if (observer != null) {
          observers.add(observer);
        }
      }
      new Sweep(reranker, observers).over(pairs, progress);
      return new Observed(
          Optional.ofNullable(masses).map(AttentionRecorder::measurement),
          Optional.ofNullable(stream).map(StateRecorder::states),
          Optional.ofNullable(readings).map(LensRecorder::lens));
    }
  }
}
