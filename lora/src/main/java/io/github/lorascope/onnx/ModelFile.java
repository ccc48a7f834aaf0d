package io.github.lorascope.onnx;

import com.google.protobuf.CodedOutputStream;
import io.github.lorascope.LorascopeVersion;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * Writes a graph to {@code model.onnx}, with its tensors in it, or, where a message would be larger
 * than Protocol Buffers allow, with the large ones in {@code model.onnx.data}.
 */
final class ModelFile {
  static final String NAME = "model.onnx";
  static final String DATA = NAME + ".data";

  private static final int BUFFER = 1 << 20;

  /** Smaller tensors stay in the model, where shape inference looks for them. */
  private static final long SMALLEST_EXTERNAL = 1024;

  /** Where each tensor in the data begins, so that it can be mapped into memory. */
  private static final long ALIGNMENT = 4096;

  private final GraphBuilder graph;
  private final Map<String, String> metadata;
  private final LongConsumer written;

  /**
   * Plans a file.
   *
   * @param written is told of the bytes of tensors, block by block
   */
  ModelFile(GraphBuilder graph, Map<String, String> metadata, LongConsumer written) {
    this.graph = graph;
    this.metadata = metadata;
    this.written = written;
  }

  /** The bytes of all tensors. */
  static long tensorBytes(GraphBuilder graph) {
    return graph.tensors().stream().mapToLong(t -> t.content().bytes()).sum();
  }

  /**
   * Writes the model into a folder.
   *
   * @param largest bytes that model.onnx may have with all tensors in it
   */
  void write(Path folder, long largest) throws IOException {
    ProtoMessage whole = message(Map.of());
    if (whole.size() <= largest) {
      write(folder.resolve(NAME), whole);
      return;
    }
    Map<String, Long> offsets = new LinkedHashMap<>();
    List<Initializer> outside = new ArrayList<>();
    long end = 0;
    for (Initializer tensor : graph.tensors()) {
      if (tensor.content().bytes() >= SMALLEST_EXTERNAL) {
        long start = (end + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        offsets.put(tensor.name(), start);
        outside.add(tensor);
        end = start + tensor.content().bytes();
      }
    }
    try (OutputStream out = open(folder.resolve(DATA))) {
      long at = 0;
      for (Initializer tensor : outside) {
        long start = offsets.get(tensor.name());
        out.write(new byte[(int) (start - at)]);
        TensorContent.write(counted(tensor.content()), out::write);
        at = start + tensor.content().bytes();
      }
    }
    write(folder.resolve(NAME), message(offsets));
  }

  private ProtoMessage message(Map<String, Long> offsets) {
    List<ProtoMessage> tensors = new ArrayList<>();
    for (Initializer tensor : graph.tensors()) {
      Long offset = offsets.get(tensor.name());
      tensors.add(
          offset == null
              ? OnnxProto.inline(
                  new Initializer(
                      tensor.name(), tensor.type(), tensor.shape(), counted(tensor.content())))
              : OnnxProto.external(tensor, DATA, offset));
    }
    return OnnxProto.model(
        LorascopeVersion.get(),
        graph.operators(),
        metadata,
        OnnxProto.graph(
            "reranker",
            graph.nodes(),
            tensors,
            List.of(
                OnnxProto.value(DecoderGraph.IDS, ElementType.INT64, "batch", "sequence"),
                OnnxProto.value(DecoderGraph.MASK, ElementType.INT64, "batch", "sequence")),
            OnnxProto.value(DecoderGraph.LOGITS, ElementType.FLOAT, "batch", DecoderGraph.LABELS)));
  }

  private TensorContent counted(TensorContent content) {
    return new TensorContent() {
      @Override
      public long bytes() {
        return content.bytes();
      }

      @Override
      public void writeTo(Sink sink) throws IOException {
        content.writeTo(
            (bytes, offset, length) -> {
              written.accept(length);
              sink.write(bytes, offset, length);
            });
      }
    };
  }

  private static void write(Path file, ProtoMessage message) throws IOException {
    try (OutputStream out = open(file)) {
      CodedOutputStream coded = CodedOutputStream.newInstance(out, BUFFER);
      message.write(coded);
      coded.flush();
    }
  }

  private static OutputStream open(Path file) throws IOException {
    return new BufferedOutputStream(Files.newOutputStream(file), BUFFER);
  }
}
