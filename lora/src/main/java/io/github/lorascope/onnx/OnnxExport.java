package io.github.lorascope.onnx;

import io.github.lorascope.io.AtomicFolder;
import io.github.lorascope.io.FileWriteException;
import io.github.lorascope.rerank.Reranker;
import io.github.lorascope.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.function.DoubleConsumer;

/**
 * Writes a reranker, its adapter and head included, as an ONNX model (opset 17) with the tokenizer
 * beside it: what {@link OnnxReranker} runs, and any other program with ONNX Runtime. It computes
 * in float32 what the reranker computes when its products are not rounded.
 *
 * <p>The model's inputs are int64 {@code input_ids} and {@code attention_mask} [batch, sequence],
 * padded on the right with any token and mask 0; its output is float32 {@code logits} [batch, 2],
 * those of each sequence's last token. Where a model has other rotary frequencies for long
 * sequences (LongRoPE), the longest sequence of a call decides for all of it. Prompt and limits are
 * in the file's metadata.
 *
 * <pre>{@code
 * Reranker trained = reranker.withAdapter(adapter.view());
 * OnnxExport.of(trained).form(OnnxForm.NF4).write(Path.of("onnx"));
 * try (OnnxReranker exported = OnnxReranker.load(Path.of("onnx"))) {
 *   System.out.println(exported.prefer("what is a gene?", "A unit of heredity.", "A cheese."));
 * }
 * }</pre>
 */
public final class OnnxExport {
  private final Reranker reranker;
  private OnnxForm form = OnnxForm.F32;
  private boolean apart;
  private long largestFile = Integer.MAX_VALUE;
  private DoubleConsumer listener = share -> {};
  private volatile boolean stopped;

  private OnnxExport(Reranker reranker) {
    this.reranker = Objects.requireNonNull(reranker, "reranker");
  }

  /**
   * Begins an export. Frozen weights are read once more, from the folder or file that the decoder
   * was loaded from, and take the form that it holds them in.
   *
   * @param reranker what to export; stays as it is
   * @return the export: in float32, with the adapter merged into the weights, unless told otherwise
   */
  public static OnnxExport of(Reranker reranker) {
    return new OnnxExport(reranker);
  }

  /**
   * Chooses the form of the linear layers. With {@link OnnxForm#NF4} weights that are held in NF4
   * stay what they are, and the adapter is kept apart. All others, a GGUF file's blocks of 4 bits
   * too, are quantized anew, and the model answers differently.
   *
   * @param chosen the form
   * @return this
   */
  public OnnxExport form(OnnxForm chosen) {
    form = Objects.requireNonNull(chosen, "form");
    return this;
  }

  /**
   * Keeps the adapter's matrices beside the weights, as products of their own, in float32 too.
   *
   * @return this
   */
  public OnnxExport adapterApart() {
    apart = true;
    return this;
  }

  /**
   * Says who is told how far it is.
   *
   * @param other receives the share that is written, from 0 to 1
   * @return this
   */
  public OnnxExport listen(DoubleConsumer other) {
    listener = Objects.requireNonNull(other, "listener");
    return this;
  }

  /** What model.onnx may have in bytes before its tensors go to a file of their own. */
  OnnxExport largestFile(long bytes) {
    largestFile = bytes;
    return this;
  }

  /** Ends the export for good, with nothing written; safe to call from any thread. */
  public void stop() {
    stopped = true;
  }

  /**
   * Writes the folder: {@code model.onnx}, {@code tokenizer.json}, and {@code model.onnx.data}
   * where all in one file would have more than 2 GiB. It appears whole or not at all. Weights are
   * written as they are read, so that the heap holds a few rows (and with NF4, one matrix in 4
   * bits).
   *
   * @param folder where to; must not exist, or be empty
   * @return whether it came to its end; false if it was stopped
   * @throws OnnxException if the model has no head, random weights or 4-bit codes that ONNX Runtime
   *     does not know
   * @throws FileWriteException if the folder exists or the file system fails
   * @throws io.github.lorascope.checkpoint.CheckpointException if the model's files are gone or
   *     broken
   */
  public boolean write(Path folder) {
    GraphBuilder graph =
        DecoderGraph.of(ModelWeights.of(reranker), form, apart || form == OnnxForm.NF4);
    long bytes = ModelFile.tensorBytes(graph);
    try (AtomicFolder whole = AtomicFolder.create(folder, bytes)) {
      Progress progress = new Progress(bytes);
      new ModelFile(graph, ModelMetadata.of(reranker).write(), progress::add)
          .write(whole.path(), largestFile);
      Tokenizer.copy(reranker.decoder().folder().orElseThrow(), whole.path());
      whole.commit();
      return true;
    } catch (StoppedException e) {
      return false;
    } catch (IOException e) {
      throw new FileWriteException("Cannot write " + folder + ": " + e.getMessage(), e);
    }
  }

  /** Counts what is written. */
  private final class Progress {
    private final long all;
    private long done;

    Progress(long all) {
      this.all = all;
    }

    void add(long bytes) {
      if (stopped) {
        throw new StoppedException();
      }
      done += bytes;
      listener.accept((double) done / all);
    }
  }

  /** Ends the writing. */
  private static final class StoppedException extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }
}
