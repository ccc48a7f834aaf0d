package io.github.lorascope.train;

import io.github.lorascope.TinyModel;
import io.github.lorascope.backend.Backend;
import io.github.lorascope.data.EpochSampler;
import io.github.lorascope.data.PairExample;
import io.github.lorascope.data.Triples;
import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.lora.LoraAdapter;
import io.github.lorascope.prompt.PairPrompt;
import io.github.lorascope.rerank.Reranker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A training of the tiny model, with everything it needs opened and closed. */
public final class TinyRun implements AutoCloseable {
  private static final String MEMORY = ",\"peak_memory_bytes\":[0-9]+";

  public final Decoder decoder;
  public final Reranker reranker;
  public final LoraAdapter adapter;
  public final Triples triples;
  private final TrainingOptions options;
  private Trainer trainer;

  public TinyRun(Path model, String backend, double dropout, TrainingOptions options) {
    this.decoder = TinyModel.load(model, backend);
    this.reranker =
        Reranker.pairwise(decoder).withPrompt(PairPrompt.of("{query} : {doc_a} : {doc_b} ?"));
    this.adapter =
        LoraAdapter.on(decoder)
            .targets("q_proj", "v_proj", "down_proj")
            .rank(4)
            .alpha(8)
            .dropout(dropout)
            .seed(options.seed())
            .attach();
    this.triples = Triples.tsv(model.resolve("triples.tsv"));
    this.options = options;
  }

  /** Trains; the folder may be null. */
  public TrainingRun train(RunFolder folder, boolean resume, TrainingListener... listeners) {
    return train(folder, resume, List.of(), listeners);
  }

  public TrainingRun train(
      RunFolder folder, boolean resume, List<PairExample> pairs, TrainingListener... listeners) {
    Map<String, String> provenance = Map.of("model", "tiny", "data_sha256", triples.sha256());
    return train(folder, resume, pairs, provenance, listeners);
  }

  /** Trains with another provenance. */
  TrainingRun train(
      RunFolder folder,
      boolean resume,
      List<PairExample> pairs,
      Map<String, String> provenance,
      TrainingListener... listeners) {
    trainer =
        Trainer.of(reranker, adapter)
            .data(new EpochSampler(triples, options.seed()))
            .evaluation(pairs)
            .options(options)
            .folder(folder, resume)
            .provenance(provenance)
            .listen(listeners)
            .build();
    return trainer.run();
  }

  /** Asks the training that runs to end. */
  public void stop() {
    trainer.stop();
  }

  /** Asks the training to end after a step. */
  public TrainingListener stopAfter(int step) {
    return new TrainingListener() {
      @Override
      public void stepDone(StepRecord record) {
        if (record.step() == step) {
          trainer.stop();
        }
      }
    };
  }

  /** Ends the training in the middle of a step, as a kill does. */
  public static TrainingListener dieIn(int step) {
    return new TrainingListener() {
      @Override
      public void stepDone(StepRecord record) {
        if (record.step() == step) {
          throw new Killed();
        }
      }
    };
  }

  /**
   * Reads what a run's steps gave: all but the memory, which depends on what threads hold at the
   * same time.
   *
   * @param run the run's folder
   * @return the lines
   * @throws IOException if they cannot be read
   */
  public static List<String> metrics(Path run) throws IOException {
    List<String> lines = Files.readAllLines(run.resolve("metrics.jsonl"));
    return lines.stream().map(line -> line.replaceAll(MEMORY, "")).toList();
  }

  /** Stands for a kill. */
  public static final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  public Backend backend() {
    return decoder.backend();
  }

  @Override
  public void close() {
    adapter.close();
    reranker.close();
    decoder.close();
  }
}
