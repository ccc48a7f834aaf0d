package io.github.lorascope.probe;

import io.github.lorascope.data.PairExample;
import io.github.lorascope.rerank.Reranker;
import io.github.lorascope.tap.HiddenStateTap;
import io.github.lorascope.tap.HiddenStates;
import io.github.lorascope.train.Evaluation;
import io.github.lorascope.train.StepLog;
import io.github.lorascope.train.TrainingListener;
import io.github.lorascope.train.TrainingStart;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Probes layers at every evaluation of a training, the untrained model's included: how well the
 * residual stream of the last token tells which passage is the relevant one (label 0: A, 1: B), and
 * when in training it comes to. A run with a folder keeps the series in {@code probes.jsonl}, a
 * line a layer and evaluation; a resumed run goes on with it.
 *
 * <pre>{@code
 * ProbeSeries probes =
 *     ProbeSeries.on(pairs) // pairs that are not trained on
 *         .layers(0, 6, 12, 18) // 0: embedding, N: behind N layers
 *         .probe(LinearProbe.crossValidated(5).standardize(true).controlTask(42));
 * Trainer.of(reranker, adapter)
 *     .data(new EpochSampler(triples, 1))
 *     .evaluation(pairs)
 *     .options(TrainingOptions.builder().steps(200).evaluateEvery(50).build())
 *     .listen(probes)
 *     .build()
 *     .run();
 * probes.points().forEach(System.out::println);
 * }</pre>
 *
 * <p>Pairs that share a query or a passage are held out together, where folds allow it ({@link
 * LinearProbe#fit(float[][], List)}); each layer's control has a shuffle of its own.
 *
 * <p>An instance follows one training at a time, on the thread that trains.
 */
public final class ProbeSeries implements TrainingListener {
  private static final Logger LOG = LoggerFactory.getLogger(ProbeSeries.class);
  private static final String FILE = "probes.jsonl";

  private final List<PairExample> pairs;
  private final HiddenStateTap tap;
  private final LinearProbe probe;
  private final List<ProbePoint> points = new ArrayList<>();
  private Reranker reranker;
  private Optional<StepLog> log = Optional.empty();

  private ProbeSeries(List<PairExample> pairs, HiddenStateTap tap, LinearProbe probe) {
    this.pairs = List.copyOf(pairs);
    this.tap = tap;
    this.probe = probe;
  }

  /**
   * A series over the last token's states behind all layers, with five folds, standardized features
   * and a control.
   *
   * @param pairs what is asked; not to be trained on, and with as many of each label as the probe
   *     has folds at the least
   * @return the series
   */
  public static ProbeSeries on(List<PairExample> pairs) {
    return new ProbeSeries(
        pairs,
        HiddenStateTap.allLayers(),
        LinearProbe.crossValidated(5).standardize(true).controlTask(42));
  }

  /**
   * Chooses the layers.
   *
   * @param passed how many layers the states have passed: 0 is the embedding's output, N comes
   *     behind N layers, before the final norm; at least one
   * @return a series of those layers
   */
  public ProbeSeries layers(int... passed) {
    return new ProbeSeries(pairs, HiddenStateTap.layers(passed), probe);
  }

  /**
   * Chooses the probe.
   *
   * @param other what is fitted to each layer's states
   * @return a series with that probe
   */
  public ProbeSeries probe(LinearProbe other) {
    return new ProbeSeries(pairs, tap, other);
  }

  /**
   * Returns what has been found.
   *
   * @return the points, steps ascending, of each its layers; those of a resumed run's earlier part
   *     included
   */
  public List<ProbePoint> points() {
    return List.copyOf(points);
  }

  @Override
  public void started(TrainingStart start) {
    reranker = start.reranker();
    log = start.evaluationSeries(FILE);
    probe.requireEnough(pairs);
    if (!probe.canKeepTogether(pairs)) {
      LOG.warn(
          "nearly all pairs share passages with others, so that folds cannot keep them apart: the"
              + " probes may know passages again");
    }
    points.clear();
    log.map(StepLog::file).filter(Files::exists).map(ProbePoint::read).ifPresent(points::addAll);
  }

  @Override
  public void evaluated(int step, Evaluation evaluation) {
    HiddenStates states = tap.collect(reranker, pairs);
    for (int layer : states.layers()) {
      LinearProbe.Result result = probe.forLayer(layer).fit(states.layer(layer), pairs);
      ProbePoint point = new ProbePoint(step, layer, result.accuracy(), result.control());
      points.add(point);
      log.ifPresent(l -> l.append(step, point.fields()));
    }
  }
}
