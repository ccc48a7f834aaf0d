package io.github.lorascope.tap;

import io.github.lorascope.checkpoint.SafetensorsStream;
import io.github.lorascope.checkpoint.SafetensorsWriter;
import io.github.lorascope.rerank.Reranker;
import io.github.lorascope.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Passes the states that a {@link HiddenStateTap} chose on to memory or to a file. */
final class StateRecorder implements Observer, AutoCloseable {
  private final HiddenStateTap tap;
  private final ExampleSet examples;
  private final List<Integer> layers;
  private final int hidden;
  private final Map<Integer, float[][]> collected = new TreeMap<>();
  private final Path file;
  private final SafetensorsStream stream;

  /** Collects in memory where the file is null. */
  StateRecorder(
      HiddenStateTap tap,
      Reranker reranker,
      ExampleSet examples,
      Path file,
      Map<String, String> provenance) {
    this.tap = tap;
    this.examples = examples;
    this.layers = tap.choice().upTo(reranker.decoder().config().layers());
    this.hidden = reranker.decoder().config().hiddenSize();
    this.file = file;
    this.stream = file == null ? null : begin(provenance);
    if (file == null) {
      layers.forEach(layer -> collected.put(layer, new float[examples.size()][]));
    }
  }

  private SafetensorsStream begin(Map<String, String> provenance) {
    SafetensorsWriter writer = new SafetensorsWriter();
    examples.addTo(writer);
    TapFile.addProvenance(writer, provenance);
    writer.metadata(HiddenStates.POSITION, tap.position().label());
    layers.forEach(layer -> writer.f32Later(HiddenStates.tensor(layer), examples.size(), hidden));
    return writer.stream(file);
  }

  @Override
  public void residual(PromptBatch batch, int passed, Tensor states) {
    if (!layers.contains(passed)) {
      return;
    }
    float[] rows = tap.position().of(batch, states);
    if (stream != null) {
      stream.put(HiddenStates.tensor(passed), (long) batch.first() * hidden, rows);
    } else {
      HiddenStates.split(rows, hidden, collected.get(passed), batch.first());
    }
  }

  HiddenStates states() {
    if (stream != null) {
      stream.commit();
      return HiddenStates.read(file);
    }
    return new HiddenStates(examples, layers, hidden, tap.position().label(), collected::get);
  }

  @Override
  public void close() {
    if (stream != null) {
      stream.close();
    }
  }
}
