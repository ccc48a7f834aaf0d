package io.github.lorascope.rerank;

import io.github.lorascope.decoder.DecoderPass;
import io.github.lorascope.tensor.Tensor;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * The model's answer to a {@link PassagePair}.
 *
 * @param logitA logit of "passage A is more relevant"
 * @param logitB logit of "passage B is more relevant"
 */
public record PairScore(double logitA, double logitB) {
  /**
   * Takes the answers to sequences from a pass.
   *
   * @param pass the pass, not yet closed
   * @param first the first sequence's place in the batch, from 0
   * @return both logits of it and of each that follows
   * @throws ScoreException if a logit is NaN or infinite
   */
  public static List<PairScore> of(DecoderPass pass, int first) {
    Tensor logits = pass.logits().rows(first, pass.logits().rows());
    float[] numbers = logits.toArray(); // at once, as each reading waits for a GPU
    return IntStream.range(0, logits.rows())
        .mapToObj(i -> finite(numbers[2 * i], numbers[2 * i + 1]))
        .toList();
  }

  private static PairScore finite(double a, double b) {
    if (!Double.isFinite(a) || !Double.isFinite(b)) {
      throw new ScoreException(
          "the model answers with the logits "
              + a
              + " and "
              + b
              + ": weights of the checkpoint or of the adapter are too large to compute with;"
              + " look for a damaged file, or compute in float32 if it was in bfloat16");
    }
    return new PairScore(a, b);
  }

  /**
   * Returns the softmax probability of A.
   *
   * @return P(A), from 0 to 1
   */
  public double probabilityA() {
    return 1 / (1 + Math.exp(logitB - logitA));
  }

  /**
   * Returns the probability given to a label.
   *
   * @param label 0: A, 1: B
   * @return the probability, from 0 to 1
   * @throws IndexOutOfBoundsException if the label is another
   */
  public double probability(int label) {
    return 1 / (1 + Math.exp(-margin(label)));
  }

  /**
   * Returns the cross-entropy with a label, finite where the probability is too small for a number.
   *
   * @param label 0: A, 1: B
   * @return the loss in nats, 0 or more
   * @throws IndexOutOfBoundsException if the label is another
   */
  public double loss(int label) {
    double margin = margin(label);
    return Math.max(-margin, 0) + Math.log1p(Math.exp(-Math.abs(margin)));
  }

  /** By how much a label's logit is the larger one. */
  private double margin(int label) {
    return Objects.checkIndex(label, 2) == 0 ? logitA - logitB : logitB - logitA;
  }

  /**
   * Returns the label with the larger logit.
   *
   * @return 0: A, also where both are equal; 1: B
   */
  public int preferred() {
    return logitB > logitA ? 1 : 0;
  }
}
