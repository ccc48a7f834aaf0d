package io.github.lorascope.tap;

import io.github.lorascope.checkpoint.SafetensorsWriter;
import io.github.lorascope.data.PairExample;
import io.github.lorascope.metric.MeanInterval;
import io.github.lorascope.metric.Proportion;
import io.github.lorascope.rerank.PairScore;
import io.github.lorascope.rerank.Reranker;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What the model would answer if it stopped early: the final norm and the classification head,
 * applied to the last token's state behind every number of layers, from 0 (the embedding, the same
 * for every prompt) to all, which is the model's own answer. After the logit lens (nostalgebraist,
 * "interpreting GPT: the logit lens", 2020), with the head that the reranker answers with in the
 * place of the vocabulary. Immutable.
 *
 * <pre>{@code
 * Lens lens = Lens.of(reranker, pairs);
 * for (int layers = 0; layers <= lens.layers(); layers++) {
 *   Proportion accuracy = lens.accuracy(layers); // with its interval
 *   MeanInterval margin = lens.margin(layers);   // right logit less wrong logit
 *   System.out.println(layers + " layers: " + accuracy + ", margin " + margin);
 * }
 * PairScore early = lens.score(0, 8); // example 0 behind 8 layers
 * lens.write(folder.resolve("lens/after.safetensors"), Map.of("model", "mine"));
 * LensSeries series = Lens.on(pairs); // a line at every evaluation of a training
 * }</pre>
 */
public final class Lens {
  static final int LABELS = 2;

  private final ExampleSet examples;
  private final int depths;
  private final float[] logits;

  /** Logits lie in [examples, depths, 2]. */
  Lens(ExampleSet examples, int depths, float[] logits) {
    this.examples = examples;
    this.depths = depths;
    this.logits = logits;
  }

  /**
   * Reads out the states behind every layer.
   *
   * @param reranker the model, with its adapter if it has one
   * @param pairs the pairs, at least one
   * @return what was read
   * @throws io.github.lorascope.decoder.MissingHeadException if neither the adapter nor the model
   *     has a head
   * @throws io.github.lorascope.prompt.PromptException if a query leaves no room for its passages
   */
  public static Lens of(Reranker reranker, List<PairExample> pairs) {
    return Observation.of(reranker, pairs).lens().run().lens().orElseThrow();
  }

  /**
   * Reads out at every evaluation of a training.
   *
   * @param pairs what to look at
   * @return a listener
   */
  public static LensSeries on(List<PairExample> pairs) {
    return new LensSeries(pairs);
  }

  /**
   * Returns the number of layers of the model.
   *
   * @return the deepest that can be asked for
   */
  public int layers() {
    return depths - 1;
  }

  /**
   * Returns which passages are the relevant ones.
   *
   * @return 0 (A) or 1 (B), one an example
   */
  public int[] labels() {
    return examples.labels().clone();
  }

  ExampleSet examples() {
    return examples;
  }

  /**
   * Returns the answer on one example.
   *
   * @param example its place, from 0
   * @param layers behind how many layers, from 0
   * @return both logits
   */
  public PairScore score(int example, int layers) {
    if (example < 0 || example >= examples.size() || layers < 0 || layers >= depths) {
      throw new IllegalArgumentException(
          "no example %d behind %d layers; there are %d examples and %d layers"
              .formatted(example, layers, examples.size(), depths - 1));
    }
    int at = (example * depths + layers) * LABELS;
    return new PairScore(logits[at], logits[at + 1]);
  }

  /**
   * Returns how often the answer is right.
   *
   * @param layers behind how many layers, from 0
   * @return the accuracy with its interval; equal logits count as A
   */
  public Proportion accuracy(int layers) {
    boolean[] right = new boolean[examples.size()];
    for (int i = 0; i < right.length; i++) {
      right[i] = score(i, layers).preferred() == examples.labels()[i];
    }
    return Proportion.of(right);
  }

  /**
   * Returns the mean probability of the right answer.
   *
   * @param layers behind how many layers, from 0
   * @return from 0 to 1
   */
  public double meanProbability(int layers) {
    double sum = 0;
    for (int i = 0; i < examples.size(); i++) {
      sum += score(i, layers).probability(examples.labels()[i]);
    }
    return sum / examples.size();
  }

  /**
   * Returns how far the right logit is above the wrong one.
   *
   * @param layers behind how many layers, from 0
   * @return the mean over the examples with its interval
   */
  public MeanInterval margin(int layers) {
    double[] margins = new double[examples.size()];
    for (int i = 0; i < margins.length; i++) {
      PairScore score = score(i, layers);
      double lead = score.logitA() - score.logitB();
      margins[i] = examples.labels()[i] == 0 ? lead : -lead;
    }
    return MeanInterval.of(margins);
  }

  /**
   * Writes a safetensors file: {@code logits} [examples, layers + 1, 2] and {@code labels}.
   *
   * @param file the target; replaced if it exists
   * @param provenance what the numbers come from
   * @throws io.github.lorascope.io.FileWriteException if the file system fails
   */
  public void write(Path file, Map<String, String> provenance) {
    SafetensorsWriter writer = new SafetensorsWriter();
    examples.addTo(writer);
    TapFile.addProvenance(writer, provenance);
    writer.f32("logits", logits, examples.size(), depths, LABELS).write(file);
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @param file the file
   * @return the lens
   * @throws TapException if the file cannot be read or holds something else
   */
  public static Lens read(Path file) {
    TapFile tensors = TapFile.open(file, "a lens");
    ExampleSet examples = ExampleSet.in(tensors);
    List<Long> shape = tensors.shape("logits");
    if (shape.size() != 3 || shape.get(1) < 1 || shape.get(1) > Integer.MAX_VALUE) {
      throw tensors.foreign("logits is of shape " + shape);
    }
    int depths = Math.toIntExact(shape.get(1));
    return new Lens(examples, depths, tensors.floats("logits", examples.size(), depths, LABELS));
  }
}
