package io.github.lorascope.ablation;

import io.github.lorascope.backend.Backend;
import io.github.lorascope.decoder.Adapter;
import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.decoder.DecoderPass;
import io.github.lorascope.decoder.ResidualEditor;
import io.github.lorascope.decoder.TokenBatch;
import io.github.lorascope.prompt.EncodedPrompt;
import io.github.lorascope.prompt.TokenSpan;
import io.github.lorascope.rerank.PairScore;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A few examples that are run together: once as they are, once as the source, whose states are
 * kept, and then with those states in place of their own. Every pass has the same sequences, so
 * that a state replaced by itself changes no bit.
 */
final class PatchRun implements AutoCloseable {
  private final Decoder decoder;
  private final Backend backend;
  private final Adapter adapter;
  private final List<PatchPair> pairs;
  private final TokenBatch batch;
  private final MemoryScope memory;
  private final Map<PatchPlace, Tensor> kept = new HashMap<>();
  private final Map<PatchPlace, double[]> patched = new HashMap<>();
  private final double[] clean;
  private final double[] source;

  /** Some rows of a matrix. */
  private record Rows(int from, int to) {}

  /**
   * Runs the examples and their sources.
   *
   * @param adapter of the run that is patched
   * @param sourceAdapter of the run whose states are taken
   */
  PatchRun(
      Decoder decoder,
      Adapter adapter,
      Adapter sourceAdapter,
      List<PatchPair> pairs,
      Collection<Integer> layers,
      Collection<PatchPosition> positions) {
    this.decoder = decoder;
    this.backend = decoder.backend();
    this.adapter = adapter;
    this.pairs = pairs;
    this.batch = TokenBatch.of(pairs.stream().map(p -> p.clean().ids()).toList());
    List<EncodedPrompt> sources = pairs.stream().map(PatchPair::source).toList();
    TokenBatch sourceBatch = TokenBatch.of(sources.stream().map(EncodedPrompt::ids).toList());
    this.memory = backend.scope("the states of " + pairs.size() + " source runs");
    boolean done = false;
    try {
      this.source =
          margins(
              sourceBatch,
              sourceAdapter,
              (layer, states) -> {
                if (layers.contains(layer)) {
                  for (PatchPosition position : positions) {
                    List<Rows> rows = rows(sources, sourceBatch, layer, position);
                    if (!rows.isEmpty()) {
                      kept.put(new PatchPlace(layer, position), copyOut(states, rows));
                    }
                  }
                }
              });
      this.clean = runClean(layers, positions);
      done = true;
    } finally {
      if (!done) {
        close();
      }
    }
  }

  /** The margins of the examples as they are, by their labels. */
  double[] clean() {
    return clean;
  }

  /** The margins with the states behind some layers replaced. */
  double[] patched(int layer, PatchPosition position) {
    return patched.get(new PatchPlace(layer, position));
  }

  /** The margins of the sources, by the labels of the examples that they replace. */
  double[] source() {
    return source;
  }

  /** Runs the examples as they are, and from every layer on with states there replaced. */
  private double[] runClean(Collection<Integer> layers, Collection<PatchPosition> positions) {
    List<EncodedPrompt> prompts = pairs.stream().map(PatchPair::clean).toList();
    return margins(
        batch,
        adapter,
        (layer, states) -> {
          if (layers.contains(layer)) {
            for (PatchPosition position : positions) {
              PatchPlace place = new PatchPlace(layer, position);
              patched.put(place, replaced(place, states, rows(prompts, batch, layer, position)));
            }
          }
        });
  }

  private double[] replaced(PatchPlace place, Tensor states, List<Rows> rows) {
    try (MemoryScope scope = backend.scope("the states of a patched run")) {
      Tensor changed = scope.tensor(states.rows(), states.columns());
      backend.copy(states, changed);
      if (!rows.isEmpty()) {
        copyIn(kept.get(place), changed, rows);
      }
      try (DecoderPass pass = decoder.forwardFrom(place.layer(), changed, batch, adapter)) {
        return margins(pass);
      }
    }
  }

  private double[] margins(TokenBatch of, Adapter with, ResidualEditor editor) {
    try (DecoderPass pass = decoder.forwardEdited(of, with, editor)) {
      return margins(pass);
    }
  }

  private double[] margins(DecoderPass pass) {
    double[] margins = new double[pairs.size()];
    List<PairScore> scores = PairScore.of(pass, 0);
    for (int i = 0; i < margins.length; i++) {
      PairScore score = scores.get(i);
      margins[i] =
          pairs.get(i).label() == 0
              ? score.logitA() - score.logitB()
              : score.logitB() - score.logitA();
    }
    return margins;
  }

  /** Where a position's tokens lie; behind the last layer, last tokens are all that there is. */
  private List<Rows> rows(
      List<EncodedPrompt> prompts, TokenBatch in, int layer, PatchPosition position) {
    boolean lastOnly = layer == decoder.config().layers();
    List<Rows> rows = new ArrayList<>();
    for (int s = 0; s < prompts.size(); s++) {
      for (TokenSpan span : position.spans(prompts.get(s))) {
        if (!lastOnly) {
          rows.add(new Rows(in.offsets()[s] + span.start(), in.offsets()[s] + span.end()));
        } else if (span.size() > 0 && span.end() == prompts.get(s).ids().length) {
          rows.add(new Rows(s, s + 1));
        }
      }
    }
    rows.removeIf(r -> r.from() == r.to());
    return rows;
  }

  private Tensor copyOut(Tensor states, List<Rows> rows) {
    int count = rows.stream().mapToInt(r -> r.to() - r.from()).sum();
    Tensor out = memory.tensor(count, states.columns());
    int next = 0;
    for (Rows r : rows) {
      int size = r.to() - r.from();
      backend.copy(states.rows(r.from(), r.to()), out.rows(next, next + size));
      next += size;
    }
    return out;
  }

  private void copyIn(Tensor kept, Tensor states, List<Rows> rows) {
    int next = 0;
    for (Rows r : rows) {
      int size = r.to() - r.from();
      backend.copy(kept.rows(next, next + size), states.rows(r.from(), r.to()));
      next += size;
    }
  }

  @Override
  public void close() {
    memory.close();
  }
}
