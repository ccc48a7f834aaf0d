package io.github.lorascope.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtProvider;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.providers.OrtCUDAProviderOptions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A model that ONNX Runtime holds. Thread-safe, but for closing. */
final class OnnxSession implements AutoCloseable {
  private final Path file;
  private final OrtEnvironment environment;
  private final OrtSession session;

  private OnnxSession(Path file, OrtEnvironment environment, OrtSession session) {
    this.file = file;
    this.environment = environment;
    this.session = session;
  }

  static OnnxSession open(Path file, OnnxOptions options) {
    try (OrtSession.SessionOptions settings = new OrtSession.SessionOptions()) {
      OrtEnvironment environment = DeepStack.start(OrtEnvironment::getEnvironment);
      settings.setIntraOpNumThreads(options.threads());
      if (options.device() == OnnxOptions.Device.CUDA) {
        addCuda(settings);
      }
      return new OnnxSession(
          file, environment, environment.createSession(file.toString(), settings));
    } catch (OrtException e) {
      throw new OnnxException(file + " cannot be loaded: " + e.getMessage(), e);
    }
  }

  /** ONNX Runtime reports here what is missing; nothing is put on the CPU instead. */
  private static void addCuda(OrtSession.SessionOptions settings) {
    if (!OrtEnvironment.getAvailableProviders().contains(OrtProvider.CUDA)) {
      throw new OnnxException(
          "this ONNX Runtime has no CUDA: put com.microsoft.onnxruntime:onnxruntime_gpu on the"
              + " class path in place of onnxruntime, or ask for the CPU");
    }
    try (OrtCUDAProviderOptions cuda = new OrtCUDAProviderOptions()) {
      cuda.add("use_tf32", "0"); // products of float32 are what the reranker's are, not of 10 bits
      settings.addCUDA(cuda);
    } catch (OrtException e) {
      throw new OnnxException(
          "ONNX Runtime cannot use CUDA here: "
              + e.getMessage()
              + "; install the GPU's driver, CUDA and cuDNN, or ask for the CPU",
          e);
    }
  }

  Map<String, String> metadata() {
    try {
      return session.getMetadata().getCustomMetadata();
    } catch (OrtException e) {
      throw new OnnxException(file + " cannot be read: " + e.getMessage(), e);
    }
  }

  /**
   * Computes a batch.
   *
   * @param sequences the tokens of each, at least one
   * @return the logits [sequences][labels]
   */
  float[][] run(List<int[]> sequences) {
    int longest = sequences.stream().mapToInt(ids -> ids.length).max().orElseThrow();
    LongBuffer ids = longs(sequences.size() * longest);
    LongBuffer mask = longs(sequences.size() * longest);
    for (int s = 0; s < sequences.size(); s++) {
      int[] sequence = sequences.get(s);
      for (int i = 0; i < sequence.length; i++) {
        ids.put(s * longest + i, sequence[i]);
        mask.put(s * longest + i, 1);
      }
    }
    long[] shape = {sequences.size(), longest};
    try (OnnxTensor idTensor = OnnxTensor.createTensor(environment, ids, shape);
        OnnxTensor maskTensor = OnnxTensor.createTensor(environment, mask, shape);
        OrtSession.Result result =
            session.run(
                Map.of(DecoderGraph.IDS, idTensor, DecoderGraph.MASK, maskTensor),
                Set.of(DecoderGraph.LOGITS))) {
      return (float[][]) result.get(0).getValue();
    } catch (OrtException e) {
      throw new OnnxException(file + " cannot be computed: " + e.getMessage(), e);
    }
  }

  private static LongBuffer longs(int count) {
    return ByteBuffer.allocateDirect(Math.multiplyExact(count, Long.BYTES))
        .order(ByteOrder.nativeOrder())
        .asLongBuffer();
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw new OnnxException(file + " cannot be closed: " + e.getMessage(), e);
    }
  }
}
