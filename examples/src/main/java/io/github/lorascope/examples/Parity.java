package io.github.lorascope.examples;

import io.github.lorascope.backend.AdamW;
import io.github.lorascope.backend.AttentionShape;
import io.github.lorascope.backend.Backend;
import io.github.lorascope.backend.Precision;
import io.github.lorascope.checkpoint.SafetensorsFile;
import io.github.lorascope.decoder.AdapterTensors;
import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.decoder.DecoderPass;
import io.github.lorascope.decoder.LayerListener;
import io.github.lorascope.decoder.LoadOptions;
import io.github.lorascope.decoder.PassOptions;
import io.github.lorascope.decoder.TokenBatch;
import io.github.lorascope.json.Json;
import io.github.lorascope.json.JsonObject;
import io.github.lorascope.lora.LoraAdapter;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Compares this library with the values that transformers and PEFT gave for a checkpoint, an
 * adapter and a padded batch: states, attention, logits, loss, gradients and eight steps of AdamW.
 * Bounds are those of float32, or in bfloat16 wider ones for logits and gradients alone.
 */
final class Parity {
  private final LoadOptions options;
  private final SafetensorsFile reference;
  private final JsonObject settings;
  private final Path folder;
  private final List<Row> rows = new ArrayList<>();

  /**
   * One tensor's error.
   *
   * @param tensor its name in the reference file
   * @param measure how the error is counted
   * @param error the error
   * @param bound the most it may be
   */
  record Row(String tensor, String measure, double error, double bound) {
    boolean ok() {
      return error <= bound; // NaN is not
    }
  }

  private Parity(Path folder, LoadOptions options) {
    this.folder = folder;
    this.options = options;
    this.reference = SafetensorsFile.open(folder.resolve("reference.safetensors"));
    this.settings = Json.read(folder.resolve("reference.json"));
  }

  /** Compares all that the folder holds values for. */
  static List<Row> check(Path folder, LoadOptions options) {
    Parity parity = new Parity(folder, options);
    try (Decoder decoder = Decoder.load(folder, options);
        LoraAdapter adapter = LoraAdapter.load(decoder, folder.resolve("adapter"))) {
      parity.compare(decoder, adapter);
    }
    return parity.rows;
  }

  private boolean exact() {
    return options.precision() == Precision.F32;
  }

  private void compare(Decoder decoder, LoraAdapter adapter) {
    PaddedBatch batch = PaddedBatch.read(reference);
    if (exact()) {
      decoder.observe(batch.packed(), adapter.view(), new States(decoder, batch));
    }
    Backend backend = decoder.backend();
    try (MemoryScope memory = backend.scope("the parity check")) {
      int size = adapter.parameters().columns();
      Tensor gradients = memory.zeros(1, size);
      double loss = backward(decoder, adapter, batch, adapter.view(gradients), true);
      if (exact()) {
        absolute("loss", new float[] {(float) loss}, reference.floats("loss"), 1e-5);
      }
      adapter
          .named(gradients)
          .forEach(
              (name, g) -> relative("grad." + stored(name), g.toArray(), exact() ? 1e-3 : 8e-2));
      if (exact()) {
        train(decoder, adapter, batch, gradients, memory);
      }
    }
  }

  /** PEFT's parameter names carry the wrapper of the head; its files do not. */
  private String stored(String name) {
    return name.replace("model.score.weight", "model.score.modules_to_save.weight");
  }

  private double backward(
      Decoder decoder,
      LoraAdapter adapter,
      PaddedBatch batch,
      AdapterTensors gradients,
      boolean checked) {
    Backend backend = decoder.backend();
    TokenBatch packed = batch.packed();
    try (DecoderPass pass = decoder.forward(packed, adapter.view(), PassOptions.training(0, 0));
        MemoryScope memory = backend.scope("the gradient of the logits")) {
      Tensor logits = pass.logits();
      if (checked) {
        absolute("logits", logits.toArray(), reference.floats("logits"), exact() ? 1e-4 : 3e-2);
      }
      Tensor dLogits = memory.tensor(logits.rows(), logits.columns());
      double[] losses =
          backend.crossEntropy(logits, batch.labels(), 1.0 / packed.sequences(), dLogits);
      pass.backward(dLogits, gradients);
      double sum = 0;
      for (double loss : losses) {
        sum += loss;
      }
      return sum / losses.length;
    }
  }

  private void train(
      Decoder decoder,
      LoraAdapter adapter,
      PaddedBatch batch,
      Tensor gradients,
      MemoryScope memory) {
    Backend backend = decoder.backend();
    Tensor moment1 = memory.zeros(1, gradients.columns());
    Tensor moment2 = memory.zeros(1, gradients.columns());
    int steps = settings.integer("steps");
    float[] losses = new float[steps];
    float[] norms = new float[steps];
    for (int step = 0; step < steps; step++) {
      gradients.fill(0);
      losses[step] = (float) backward(decoder, adapter, batch, adapter.view(gradients), false);
      double norm = Math.sqrt(backend.squaredNorm(gradients));
      norms[step] = (float) norm;
      backend.scale(gradients, Math.min(1, settings.number("max_grad_norm") / (norm + 1e-6)));
      AdamW update =
          new AdamW(
              settings.number("lr"),
              settings.numbers("betas").get(0),
              settings.numbers("betas").get(1),
              settings.number("eps"),
              settings.number("weight_decay"),
              step + 1);
      backend.adamW(adapter.parameters(), gradients, moment1, moment2, update);
    }
    absolute("train.losses", losses, reference.floats("train.losses"), 1e-4);
    relative("train.grad_norms", norms, 1e-3);
    adapter
        .named(adapter.parameters())
        .forEach((name, p) -> relative("trained." + stored(name), p.toArray(), 1e-3));
  }

  private void absolute(String tensor, float[] ours, float[] theirs, double bound) {
    if (ours.length != theirs.length) {
      throw new IllegalArgumentException(
          folder + ": " + tensor + " has " + theirs.length + " numbers, not " + ours.length);
    }
    double error = 0;
    double largest = 1;
    for (int i = 0; i < ours.length; i++) {
      double difference = Math.abs((double) ours[i] - theirs[i]);
      error = Double.isNaN(difference) ? Double.NaN : Math.max(error, difference);
      largest = Math.max(largest, Math.abs(theirs[i]));
    }
    rows.add(new Row(tensor, "largest difference", error / largest, bound));
  }

  private void relative(String tensor, float[] ours, double bound) {
    float[] theirs = reference.floats(tensor);
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < theirs.length; i++) {
      difference += Math.pow((double) ours[i] - theirs[i], 2);
      norm += Math.pow(theirs[i], 2);
    }
    // A gradient that is zero in the reference must be as small beside 1.
    double error = Math.sqrt(difference) / (norm == 0 ? 1 : Math.sqrt(norm));
    rows.add(new Row(tensor, "norm of difference / norm", error, bound));
  }

  /** Compares every state and every attention matrix of real tokens. */
  private final class States implements LayerListener {
    private final Decoder decoder;
    private final PaddedBatch batch;

    States(Decoder decoder, PaddedBatch batch) {
      this.decoder = decoder;
      this.batch = batch;
    }

    @Override
    public void residual(int layers, Tensor states) {
      if (layers < decoder.config().layers()) {
        hidden(layers, states);
      }
    }

    @Override
    public void normalized(Tensor states) {
      hidden(decoder.config().layers(), states);
    }

    private void hidden(int index, Tensor states) {
      String name = "hidden." + index;
      absolute(
          name, states.toArray(), batch.realRows(reference.floats(name), states.columns()), 1e-4);
    }

    @Override
    public void attention(int layer, Tensor q, Tensor k, AttentionShape shape) {
      String name = "attention." + layer;
      float[] theirs = reference.floats(name);
      List<Float> ours = new ArrayList<>();
      List<Float> expected = new ArrayList<>();
      Backend backend = decoder.backend();
      for (int s = 0; s < shape.sequences(); s++) {
        int n = shape.keys(s);
        try (MemoryScope memory = backend.scope("an attention matrix")) {
          Tensor p = memory.tensor(shape.heads() * n, n);
          backend.attentionWeights(q, k, shape, s, p);
          float[] values = p.toArray();
          for (int row = 0; row < shape.heads() * n; row++) {
            int head = row / n;
            int query = row % n;
            for (int key = 0; key < n; key++) {
              ours.add(values[row * n + key]);
              expected.add(
                  theirs[
                      ((s * shape.heads() + head) * batch.width() + query) * batch.width() + key]);
            }
          }
        }
      }
      absolute(name, floats(ours), floats(expected), 1e-4);
    }

    private static float[] floats(List<Float> values) {
      float[] floats = new float[values.size()];
      for (int i = 0; i < floats.length; i++) {
        floats[i] = values.get(i);
      }
      return floats;
    }
  }
}
