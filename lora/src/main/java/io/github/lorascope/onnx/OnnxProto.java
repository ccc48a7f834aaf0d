package io.github.lorascope.onnx;

import java.util.List;
import java.util.Map;

/** The messages of onnx.proto that a model needs, by their numbers there (IR version 8). */
final class OnnxProto {
  static final int IR_VERSION = 8;

  private static final int ATTRIBUTE_FLOAT = 1;
  private static final int ATTRIBUTE_INT = 2;
  private static final int ATTRIBUTE_INTS = 7;
  private static final int EXTERNAL = 1;

  private OnnxProto() {}

  static ProtoMessage model(
      String version,
      Map<String, Long> operators,
      Map<String, String> metadata,
      ProtoMessage graph) {
    ProtoMessage model =
        new ProtoMessage()
            .integer(1, IR_VERSION)
            .text(2, "lorascope")
            .text(3, version)
            .message(7, graph);
    operators.forEach(
        (domain, opset) -> model.message(8, new ProtoMessage().text(1, domain).integer(2, opset)));
    metadata.forEach((key, value) -> model.message(14, entry(key, value)));
    return model;
  }

  private static ProtoMessage entry(String key, String value) {
    return new ProtoMessage().text(1, key).text(2, value);
  }

  static ProtoMessage graph(
      String name,
      List<ProtoMessage> nodes,
      List<ProtoMessage> tensors,
      List<ProtoMessage> inputs,
      ProtoMessage output) {
    ProtoMessage graph = new ProtoMessage();
    nodes.forEach(node -> graph.message(1, node));
    graph.text(2, name);
    tensors.forEach(tensor -> graph.message(5, tensor));
    inputs.forEach(input -> graph.message(11, input));
    return graph.message(12, output);
  }

  static ProtoMessage node(
      String domain,
      String operator,
      String name,
      List<String> inputs,
      List<String> outputs,
      List<ProtoMessage> attributes) {
    ProtoMessage node = new ProtoMessage();
    inputs.forEach(input -> node.text(1, input));
    outputs.forEach(output -> node.text(2, output));
    node.text(3, name).text(4, operator);
    attributes.forEach(attribute -> node.message(5, attribute));
    return domain.isEmpty() ? node : node.text(7, domain);
  }

  static ProtoMessage attribute(String name, long value) {
    return new ProtoMessage().text(1, name).integer(3, value).integer(20, ATTRIBUTE_INT);
  }

  static ProtoMessage attribute(String name, float value) {
    return new ProtoMessage().text(1, name).real(2, value).integer(20, ATTRIBUTE_FLOAT);
  }

  static ProtoMessage attribute(String name, long[] values) {
    ProtoMessage attribute = new ProtoMessage().text(1, name);
    for (long value : values) {
      attribute.integer(8, value);
    }
    return attribute.integer(20, ATTRIBUTE_INTS);
  }

  /** An input or output; dimensions are numbers, or names of what a call decides. */
  static ProtoMessage value(String name, ElementType type, Object... dimensions) {
    ProtoMessage shape = new ProtoMessage();
    for (Object dimension : dimensions) {
      shape.message(
          1,
          dimension instanceof Integer number
              ? new ProtoMessage().integer(1, number)
              : new ProtoMessage().text(2, (String) dimension));
    }
    ProtoMessage tensor = new ProtoMessage().integer(1, type.code()).message(2, shape);
    return new ProtoMessage().text(1, name).message(2, new ProtoMessage().message(1, tensor));
  }

  private static ProtoMessage tensor(Initializer tensor) {
    ProtoMessage message = new ProtoMessage();
    tensor.shape().forEach(dimension -> message.integer(1, dimension));
    return message.integer(2, tensor.type().code()).text(8, tensor.name());
  }

  /** A tensor with its bytes. */
  static ProtoMessage inline(Initializer tensor) {
    return tensor(tensor).bytes(9, tensor.content());
  }

  /** A tensor whose bytes are in another file of the folder. */
  static ProtoMessage external(Initializer tensor, String file, long offset) {
    return tensor(tensor)
        .message(13, entry("location", file))
        .message(13, entry("offset", Long.toString(offset)))
        .message(13, entry("length", Long.toString(tensor.content().bytes())))
        .integer(14, EXTERNAL);
  }
}
