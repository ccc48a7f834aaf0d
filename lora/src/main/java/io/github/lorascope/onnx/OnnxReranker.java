package io.github.lorascope.onnx;

import io.github.lorascope.decoder.SequenceLengthException;
import io.github.lorascope.decoder.VocabularyException;
import io.github.lorascope.io.RootCause;
import io.github.lorascope.prompt.EncodedPrompt;
import io.github.lorascope.prompt.PairPrompt;
import io.github.lorascope.prompt.PromptEncoder;
import io.github.lorascope.prompt.PromptLimits;
import io.github.lorascope.rerank.PairScore;
import io.github.lorascope.rerank.PairScorer;
import io.github.lorascope.rerank.PassagePair;
import io.github.lorascope.rerank.ScoreException;
import io.github.lorascope.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.stream.IntStream;

/**
 * Asks a model that {@link OnnxExport} wrote, through ONNX Runtime, with the prompt and limits of
 * the reranker that it was made of. Needs {@code com.microsoft.onnxruntime:onnxruntime} on the
 * class path, or {@code onnxruntime_gpu} for CUDA. Thread-safe.
 */
public final class OnnxReranker implements PairScorer, AutoCloseable {
  /** Bounds the memory of one call, padding counted; more pairs are scored in several. */
  private static final int TOKENS_A_CALL = 4096;

  private final OnnxSession session;
  private final Tokenizer tokenizer;
  private final ModelMetadata metadata;
  private final PromptEncoder encoder;
  private final ReadWriteLock lock = new ReentrantReadWriteLock();
  private boolean closed;

  private OnnxReranker(OnnxSession session, Tokenizer tokenizer, ModelMetadata metadata) {
    this.session = session;
    this.tokenizer = tokenizer;
    this.metadata = metadata;
    this.encoder =
        new PromptEncoder(tokenizer, metadata.asked().prompt(), metadata.asked().limits());
  }

  /**
   * Loads a model onto the CPU.
   *
   * @param folder what {@link OnnxExport} wrote
   * @return the reranker, to be closed by the caller
   * @throws OnnxException if there is no such model, or ONNX Runtime is missing or cannot load it
   * @throws io.github.lorascope.tokenizer.TokenizerException if there is no tokenizer that can be
   *     read
   */
  public static OnnxReranker load(Path folder) {
    return load(folder, OnnxOptions.defaults());
  }

  /**
   * Loads a model.
   *
   * @param folder what {@link OnnxExport} wrote
   * @param options device and threads
   * @return the reranker, to be closed by the caller
   * @throws OnnxException if there is no such model, ONNX Runtime is missing or cannot load it, or
   *     CUDA is asked for and not there
   * @throws io.github.lorascope.tokenizer.TokenizerException if there is no tokenizer that can be
   *     read
   */
  public static OnnxReranker load(Path folder, OnnxOptions options) {
    Path file = modelIn(folder);
    Tokenizer tokenizer = Tokenizer.load(folder);
    OnnxSession session = null;
    OnnxReranker loaded = null;
    try {
      session = OnnxSession.open(file, options);
      loaded = new OnnxReranker(session, tokenizer, ModelMetadata.read(session.metadata(), file));
      return loaded;
    } catch (LinkageError e) {
      throw new OnnxException(obstacle(e), e);
    } finally {
      if (loaded == null) {
        tokenizer.close();
        if (session != null) {
          session.close();
        }
      }
    }
  }

  private static String obstacle(LinkageError e) {
    return e.getCause() instanceof ClassNotFoundException
        ? "ONNX Runtime is missing: add com.microsoft.onnxruntime:onnxruntime, or onnxruntime_gpu"
            + " for CUDA, to the class path"
        : "ONNX Runtime's native library does not load on "
            + System.getProperty("os.name")
            + " "
            + System.getProperty("os.arch")
            + " ("
            + RootCause.of(e)
            + "). It is unpacked into the folder for temporary files; name one that can be written"
            + " and executed with -Djava.io.tmpdir=DIR";
  }

  private static Path modelIn(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new OnnxException(folder + " is no folder; give the one that OnnxExport wrote");
    }
    List<Path> models = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.onnx")) {
      files.forEach(models::add);
    } catch (IOException e) {
      throw new OnnxException("cannot read " + folder + ": " + e.getMessage(), e);
    }
    if (models.size() != 1) {
      throw new OnnxException(
          folder + " has " + models.size() + " files *.onnx; give a folder that has one");
    }
    return models.get(0);
  }

  /**
   * Returns the prompt.
   *
   * @return the prompt
   */
  public PairPrompt prompt() {
    return metadata.asked().prompt();
  }

  /**
   * Returns how passages and prompts are cut.
   *
   * @return the limits
   */
  public PromptLimits limits() {
    return metadata.asked().limits();
  }

  /**
   * Makes the prompt of a pair.
   *
   * @param pair the question
   * @return its tokens
   * @throws io.github.lorascope.prompt.PromptException if the query leaves no room for the passages
   */
  public EncodedPrompt encode(PassagePair pair) {
    return encoder.encode(pair.query(), pair.a(), pair.b());
  }

  /** Answers many questions, those of similar length in one call. */
  @Override
  public List<PairScore> score(List<PassagePair> pairs) {
    return scoreEncoded(pairs.stream().map(pair -> encode(pair).ids()).toList());
  }

  /**
   * Answers questions that were encoded before, those of similar length in one call.
   *
   * @param prompts the tokens of each, at least one
   * @return the answers, in their order
   * @throws ScoreException if a logit is NaN or infinite
   * @throws SequenceLengthException if a prompt is longer than the model's positions
   * @throws VocabularyException if a token is not in the model's vocabulary; models that were
   *     exported before it stood in the file are checked for negative ones alone
   * @throws OnnxException if ONNX Runtime fails
   */
  public List<PairScore> scoreEncoded(List<int[]> prompts) {
    PairScore[] scores = new PairScore[prompts.size()];
    List<Integer> byLength =
        IntStream.range(0, prompts.size())
            .boxed()
            .sorted(Comparator.comparingInt(i -> prompts.get(i).length))
            .toList();
    int end = prompts.size();
    while (end > 0) {
      int longest = prompts.get(byLength.get(end - 1)).length;
      int start = Math.max(0, end - Math.max(1, TOKENS_A_CALL / Math.max(1, longest)));
      List<Integer> together = byLength.subList(start, end);
      float[][] logits = run(together.stream().map(prompts::get).toList());
      for (int i = 0; i < logits.length; i++) {
        scores[together.get(i)] = finite(logits[i]);
      }
      end = start;
    }
    return Arrays.asList(scores);
  }

  private float[][] run(List<int[]> prompts) {
    for (int[] prompt : prompts) {
      if (prompt.length == 0) {
        throw new IllegalArgumentException("a prompt without tokens");
      }
      if (prompt.length > metadata.positions()) {
        throw new SequenceLengthException(prompt.length, metadata.positions());
      }
      requireKnown(prompt);
    }
    Lock reading = lock.readLock();
    reading.lock();
    try {
      if (closed) {
        throw new IllegalStateException("the reranker is closed");
      }
      return session.run(prompts);
    } finally {
      reading.unlock();
    }
  }

  /** ONNX Runtime takes negative tokens from the end, and on a GPU takes any that there is none. */
  private void requireKnown(int[] prompt) {
    int vocabulary = metadata.vocabulary().orElse(Integer.MAX_VALUE);
    for (int id : prompt) {
      if (id < 0 || id >= vocabulary) {
        throw new VocabularyException(id, vocabulary);
      }
    }
  }

  private static PairScore finite(float[] logits) {
    if (!Float.isFinite(logits[0]) || !Float.isFinite(logits[1])) {
      throw new ScoreException(
          "the model answers with the logits "
              + logits[0]
              + " and "
              + logits[1]
              + ": its weights are too large to compute with; look for a damaged file");
    }
    return new PairScore(logits[0], logits[1]);
  }

  /**
   * Frees the model and closes the tokenizer, after calls under way. Closing again does nothing.
   */
  @Override
  public void close() {
    lock.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        session.close();
        tokenizer.close();
      }
    } finally {
      lock.writeLock().unlock();
    }
  }
}
