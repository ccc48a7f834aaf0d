package io.github.lorascope.examples;

import io.github.lorascope.metric.MeanInterval;
import io.github.lorascope.metric.Proportion;
import io.github.lorascope.ranking.Cycles;
import io.github.lorascope.ranking.PositionBias;
import io.github.lorascope.ranking.Ranking;
import java.util.ArrayList;
import java.util.List;

/**
 * Position bias, cycles and confidence over the rankings of several queries. Means are of each
 * query's value, since the pairs of a query hang together.
 */
final class AnswerSummary {
  private final List<Double> biases = new ArrayList<>();
  private final List<Double> confidences = new ArrayList<>();
  private long flips;
  private long pairs;
  private long intransitive;
  private long triples;

  void add(Ranking ranking) {
    PositionBias bias = ranking.positionBias();
    if (bias.flips().trials() > 0) {
      biases.add(bias.difference().mean());
    }
    flips += bias.flips().successes();
    pairs += bias.flips().trials();
    Cycles cycles = ranking.cycles();
    intransitive += cycles.intransitive();
    triples += cycles.triples();
    double confidence = ranking.confidence().whole();
    if (!Double.isNaN(confidence)) {
      confidences.add(confidence);
    }
  }

  /** Mean over queries of P(A beats B) with A first less the same with B first. */
  MeanInterval bias() {
    return mean(biases);
  }

  /** Of the pairs in both positions. */
  Proportion flips() {
    return new Proportion(flips, pairs);
  }

  /** Of the triples that were compared. */
  Proportion cycles() {
    return new Proportion(intransitive, triples);
  }

  private MeanInterval confidence() {
    return mean(confidences);
  }

  private static MeanInterval mean(List<Double> values) {
    return MeanInterval.of(values.stream().mapToDouble(Double::doubleValue).toArray());
  }

  /** For people to read, without what there was nothing of. */
  String text() {
    List<String> parts = new ArrayList<>();
    if (!biases.isEmpty()) {
      parts.add("position bias " + bias() + ", decisions that flip " + flips());
    }
    if (triples > 0) {
      parts.add("cycles " + cycles());
    }
    if (!confidences.isEmpty()) {
      parts.add("confidence " + confidence());
    }
    return String.join("; ", parts);
  }
}
