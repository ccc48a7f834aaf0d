package io.github.lorascope.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Collects the nodes and constant tensors of a graph. A node's output has the node's name, which
 * says where in the model it stands.
 */
final class GraphBuilder {
  /** The operators of this version are used; ONNX Runtime knows it since 1.12. */
  static final long OPSET = 17;

  private static final String MICROSOFT = "com.microsoft";

  private final List<ProtoMessage> nodes = new ArrayList<>();
  private final Map<String, Initializer> tensors = new LinkedHashMap<>();
  private final Map<String, Long> operators = new LinkedHashMap<>(Map.of("", OPSET));
  private String place = "";

  /** Says where in the model the nodes that follow stand. */
  void at(String path) {
    place = path + "/";
  }

  List<ProtoMessage> nodes() {
    return nodes;
  }

  List<Initializer> tensors() {
    return List.copyOf(tensors.values());
  }

  /** The sets of operators that are used, with their versions. */
  Map<String, Long> operators() {
    return operators;
  }

  /** Adds an operator of the standard with one output. */
  String node(String operator, List<String> inputs, ProtoMessage... attributes) {
    String name = name(operator);
    add("", operator, name, inputs, List.of(name), attributes);
    return name;
  }

  /** Adds an operator of the standard with several outputs. */
  List<String> nodes(
      String operator, int outputs, List<String> inputs, ProtoMessage... attributes) {
    String name = name(operator);
    List<String> names = IntStream.range(0, outputs).mapToObj(i -> name + "." + i).toList();
    add("", operator, name, inputs, names, attributes);
    return names;
  }

  /** Adds an operator of ONNX Runtime's own. */
  String microsoft(String operator, List<String> inputs, ProtoMessage... attributes) {
    operators.put(MICROSOFT, 1L);
    String name = name(operator);
    add(MICROSOFT, operator, name, inputs, List.of(name), attributes);
    return name;
  }

  /** Gives a value the name of an output. */
  void output(String value, String name) {
    add("", "Identity", name + "/Identity", List.of(value), List.of(name));
  }

  private String name(String operator) {
    return place + operator + "_" + nodes.size();
  }

  private void add(
      String domain,
      String operator,
      String name,
      List<String> inputs,
      List<String> outputs,
      ProtoMessage... attributes) {
    nodes.add(OnnxProto.node(domain, operator, name, inputs, outputs, List.of(attributes)));
  }

  /** Adds a constant tensor. */
  String tensor(String name, ElementType type, TensorContent content, long... shape) {
    List<Long> dimensions = Arrays.stream(shape).boxed().toList();
    if (tensors.put(name, new Initializer(name, type, dimensions, content)) != null) {
      throw new IllegalArgumentException("two tensors " + name);
    }
    return name;
  }

  /** A vector of whole numbers, such as a shape. */
  String integers(long... values) {
    String name = "integers" + Arrays.toString(values).replace(" ", "");
    if (!tensors.containsKey(name)) {
      tensor(name, ElementType.INT64, TensorContent.of(values), values.length);
    }
    return name;
  }

  /** One whole number. */
  String integer(long value) {
    String name = "integer " + value;
    if (!tensors.containsKey(name)) {
      tensor(name, ElementType.INT64, TensorContent.of(new long[] {value}));
    }
    return name;
  }

  /** One float32. */
  String number(float value) {
    String name = "number " + value;
    if (!tensors.containsKey(name)) {
      tensor(name, ElementType.FLOAT, TensorContent.of(new float[] {value}));
    }
    return name;
  }

  /** A vector of float32. */
  String numbers(String name, float[] values) {
    return tensor(name, ElementType.FLOAT, TensorContent.of(values), values.length);
  }

  String reshape(String x, long... shape) {
    return node("Reshape", List.of(x, integers(shape)));
  }

  String unsqueeze(String x, long... axes) {
    return node("Unsqueeze", List.of(x, integers(axes)));
  }

  String transpose(String x, long... permutation) {
    return node("Transpose", List.of(x), OnnxProto.attribute("perm", permutation));
  }

  String concat(int axis, String... parts) {
    return node("Concat", List.of(parts), OnnxProto.attribute("axis", axis));
  }

  /** Cuts along the last axis. */
  List<String> split(String x, long... widths) {
    return nodes(
        "Split", widths.length, List.of(x, integers(widths)), OnnxProto.attribute("axis", -1L));
  }

  /** Takes rows. */
  String gather(String x, String rows) {
    return node("Gather", List.of(x, rows), OnnxProto.attribute("axis", 0L));
  }

  String cast(String x, ElementType to) {
    return node("Cast", List.of(x), OnnxProto.attribute("to", to.code()));
  }
}
