package io.github.lorascope.lora;

import io.github.lorascope.checkpoint.Checkpoint;
import io.github.lorascope.checkpoint.DataType;
import io.github.lorascope.checkpoint.SafetensorsStream;
import io.github.lorascope.checkpoint.SafetensorsWriter;
import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.io.AtomicFiles;
import io.github.lorascope.io.AtomicFolder;
import io.github.lorascope.json.Json;
import io.github.lorascope.weights.Weight;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.DoubleConsumer;

/**
 * Makes one model of a base and an adapter: every linear layer W with a path becomes {@code W +
 * scale B A}, computed in float32 and rounded once, and the adapter's head becomes {@code
 * score.weight}. It is saved as a Hugging Face folder of the architecture's {@code
 * ForSequenceClassification} with the labels A and B, which transformers opens and {@link
 * Decoder#load(Path)} too. Tensors are written piece by piece: memory does not grow with the model.
 *
 * <pre>{@code
 * adapter.merge(MergeBase.DEQUANTIZED).as(DataType.BF16).save(Path.of("merged"));
 * try (Decoder merged = Decoder.load(Path.of("merged"));
 *     Reranker after = Reranker.pairwise(merged)) {
 *   List<PassagePair> questions = List.of(new PassagePair("what is a gene?", "A unit.", "A cheese."));
 *   System.out.println(MergeDrift.between(reranker.withAdapter(adapter.view()), after, questions));
 * }
 * }</pre>
 */
public final class Merge {
  private static final long FILE_BYTES = 5_000_000_000L;
  private static final int PIECE = 1 << 20;

  /** From here on the nearest half-precision number is infinite. */
  private static final float F16_LIMIT = 65_520;

  private final LoraAdapter adapter;
  private final MergeBase base;
  private final Map<String, String> provenance = new TreeMap<>();
  private DataType type = DataType.BF16;
  private long fileBytes = FILE_BYTES;
  private Path files;
  private DoubleConsumer progress = share -> {};
  private volatile boolean stopped;

  Merge(LoraAdapter adapter, MergeBase base) {
    this.adapter = adapter;
    this.base = Objects.requireNonNull(base, "base");
  }

  /**
   * Sets what all numbers are kept as.
   *
   * @param numbers BF16, which is the default, F16 or F32
   * @return this
   */
  public Merge as(DataType numbers) {
    if (numbers != DataType.BF16 && numbers != DataType.F16 && numbers != DataType.F32) {
      throw new MergeException("a model of " + numbers + ": give BF16, F16 or F32");
    }
    type = numbers;
    return this;
  }

  /**
   * Sets how large a file of weights may be; a larger model has several and an index.
   *
   * @param bytes at least 1; 5 GB unless told
   * @return this
   */
  public Merge fileBytes(long bytes) {
    if (bytes < 1) {
      throw new MergeException("files of " + bytes + " bytes: give 1 or more");
    }
    fileBytes = bytes;
    return this;
  }

  /**
   * Sets where config.json and the tokenizer's files come from.
   *
   * @param folder a Hugging Face folder of the same model; unless told, the one the base was loaded
   *     from, which a GGUF file is not
   * @return this
   */
  public Merge filesOf(Path folder) {
    files = folder;
    return this;
  }

  /**
   * Adds what the merged model came from, for the files' metadata.
   *
   * @param values texts by name
   * @return this
   */
  public Merge provenance(Map<String, String> values) {
    provenance.putAll(values);
    return this;
  }

  /**
   * Sets who is told how much is written.
   *
   * @param listener takes the share, from 0 to 1
   * @return this
   */
  public Merge progress(DoubleConsumer listener) {
    progress = listener;
    return this;
  }

  /** Ends after the piece in hand, for good; safe to call from any thread. */
  public void stop() {
    stopped = true;
  }

  /**
   * Merges, and writes the folder. Blocks until all is done; adapter and decoder must stay open.
   *
   * @param folder where to; there must be nothing of its name but an empty folder
   * @return whether it came to its end; false if it was stopped, and nothing is left then
   * @throws MergeException if the base has no such weights or no folder to take config.json and
   *     tokenizer from, if that config.json is another model's, or a merged number is beyond what
   *     the type holds
   * @throws io.github.lorascope.checkpoint.CheckpointException if the base is no longer as it was
   * @throws io.github.lorascope.io.FileWriteException if the folder exists, the disk has no room
   *     for it, or the file system fails; nothing is left then
   */
  public boolean save(Path folder) {
    Decoder decoder = adapter.decoder();
    Path source =
        decoder
            .folder()
            .orElseThrow(() -> new MergeException("a decoder of random weights has no folder"));
    if (files == null && Files.isRegularFile(source)) {
      throw new MergeException(
          source
              + " is a GGUF file, without config.json and the tokenizer's files: name the Hugging Face"
              + " folder of the same model for them (filesOf)");
    }
    MergedFolder beside = MergedFolder.of(files == null ? source : files, decoder.config());
    MergedShards shards =
        MergedShards.of(MergedTensors.of(adapter, Checkpoint.open(source), base), type, fileBytes);
    try (AtomicFolder whole = AtomicFolder.create(folder, shards.bytes())) {
      for (int file = 0; file < shards.files().size(); file++) {
        if (!write(whole.path().resolve(shards.name(file)), shards, file)) {
          return false;
        }
      }
      if (shards.indexed()) {
        AtomicFiles.writeString(
            whole.path().resolve(MergedShards.INDEX), Json.writePretty(shards.index()));
      }
      beside.copyInto(whole.path());
      beside.writeConfig(whole.path(), decoder.config().type(), type);
      whole.commit();
      return true;
    }
  }

  private boolean write(Path path, MergedShards shards, int file) {
    SafetensorsWriter writer = new SafetensorsWriter();
    List<MergedTensor> tensors = shards.files().get(file);
    provenance.forEach(writer::metadata);
    writer.metadata("format", "pt"); // what transformers looks for
    writer.metadata("merged_into", base.toString());
    writer.metadata("quantization", adapter.decoder().options().quantization().toString());
    tensors.forEach(t -> writer.later(t.name(), type, t.shape().sizes()));
    long written =
        shards.files().subList(0, file).stream()
            .flatMap(List::stream)
            .mapToLong(t -> t.bytes(type))
            .sum();
    try (SafetensorsStream stream = writer.stream(path)) {
      for (MergedTensor tensor : tensors) {
        if (!write(stream, tensor, written, shards.bytes())) {
          return false;
        }
        written += tensor.bytes(type);
      }
      stream.commit();
      return true;
    }
  }

  private boolean write(SafetensorsStream stream, MergedTensor tensor, long written, long all) {
    Weight weight = tensor.weight().get();
    int columns = weight.columns();
    int step = Math.max(1, PIECE / columns);
    for (int row = 0; row < weight.rows(); row += step) {
      if (stopped) {
        return false;
      }
      int end = Math.min(row + step, weight.rows());
      float[] piece = new float[(end - row) * columns];
      weight.read(row, end, piece, 0);
      requireHeld(tensor.name(), piece);
      stream.put(tensor.name(), (long) row * columns, piece);
      progress.accept((double) (written + (long) end * columns * type.bytes()) / all);
    }
    return true;
  }

  private void requireHeld(String name, float[] values) {
    for (float value : values) {
      if (!Float.isFinite(value) || (type == DataType.F16 && Math.abs(value) >= F16_LIMIT)) {
        throw new MergeException(
            "merging gives "
                + name
                + " the number "
                + value
                + ", which "
                + type
                + " does not hold: "
                + (Float.isFinite(value)
                    ? "merge into BF16 or F32"
                    : "the adapter's numbers are too large"));
      }
    }
  }
}
