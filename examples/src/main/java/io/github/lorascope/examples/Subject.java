package io.github.lorascope.examples;

import io.github.lorascope.data.PairExample;
import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.io.FileReadException;
import io.github.lorascope.lora.LoraAdapter;
import io.github.lorascope.rerank.Reranker;
import io.github.lorascope.tap.AttentionTap;
import io.github.lorascope.tap.HiddenStateTap;
import io.github.lorascope.tap.Observation;
import io.github.lorascope.tap.Observed;
import io.github.lorascope.train.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A trained reranker that is looked at, and where what is found is kept.
 *
 * @param decoder the frozen model
 * @param reranker asks with the trained adapter
 * @param adapter the trained adapter
 * @param pairs what is asked
 * @param folder the folder of its run
 * @param provenance what the numbers come from
 */
record Subject(
    Decoder decoder,
    Reranker reranker,
    LoraAdapter adapter,
    List<PairExample> pairs,
    Path folder,
    Map<String, String> provenance)
    implements AutoCloseable {
  static final String BEFORE = "before";
  static final String AFTER = "after";

  /** The trained model's attention, states and lens: read from the folder, or found now. */
  Observed after() {
    boolean current =
        Stream.of("attention", "states", "lens")
            .allMatch(kind -> isCurrent(Path.of(kind, AFTER + ".safetensors")));
    if (current) {
      Observed kept = Observed.read(folder, AFTER);
      if (kept.isOf(pairs)) {
        return kept;
      }
    }
    return observe(AFTER, reranker, true);
  }

  /** The same of the untrained model; it has no lens where the training did not record one. */
  Observed before() {
    Observed kept = Observed.read(folder, BEFORE);
    return isWhole(kept) ? kept : observe(BEFORE, reranker.withAdapter(null), false);
  }

  /**
   * Whether a file of the run's folder is there and was written after the adapter, which a resumed
   * training changes.
   */
  boolean isCurrent(Path file) {
    Path found = folder.resolve(file);
    Path trained = new RunFolder(folder).adapter().resolve("adapter_model.safetensors");
    try {
      return Files.exists(found)
          && Files.getLastModifiedTime(found).compareTo(Files.getLastModifiedTime(trained)) >= 0;
    } catch (IOException e) {
      throw new FileReadException("cannot read the run in " + folder + ": " + e, e);
    }
  }

  /** Whether all is there, and was found on these pairs. */
  private boolean isWhole(Observed kept) {
    return kept.attention().isPresent() && kept.states().isPresent() && kept.isOf(pairs);
  }

  private Observed observe(String name, Reranker looked, boolean lens) {
    Observation observation =
        Observation.of(looked, pairs)
            .attention(AttentionTap.allLayers())
            .states(HiddenStateTap.allLayers())
            .progress(done -> ProgressLine.show("looking at pairs", done, pairs.size()));
    return (lens ? observation.lens() : observation).writeTo(folder, name, provenance);
  }

  @Override
  public void close() {
    reranker.close();
    adapter.close();
    decoder.close();
  }
}
