package io.github.lorascope.probe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Samples, and what scikit-learn made of them. */
@SuppressWarnings("ArrayRecordComponent")
record ProbeData(
    float[][] x, int[] y, double[] coefficients, double intercept, double[] foldAccuracy) {
  static ProbeData read() throws IOException {
    Path folder = Path.of(System.getProperty("golden.dir", "../core/src/test/resources/golden"));
    ByteBuffer file =
        ByteBuffer.wrap(Files.readAllBytes(folder.resolve("probe.safetensors")))
            .order(ByteOrder.LITTLE_ENDIAN);
    int length = Math.toIntExact(file.getLong());
    JsonNode header =
        new ObjectMapper().readTree(new String(file.array(), 8, length, StandardCharsets.UTF_8));
    ByteBuffer body = file.slice(8 + length, file.limit() - 8 - length);
    body.order(ByteOrder.LITTLE_ENDIAN);
    double[] flat = values(header.get("X"), body);
    int features = header.at("/X/shape/1").intValue();
    float[][] x = new float[flat.length / features][features];
    for (int i = 0; i < flat.length; i++) {
      x[i / features][i % features] = (float) flat[i];
    }
    double[] labels = values(header.get("y"), body);
    int[] y = new int[labels.length];
    for (int i = 0; i < y.length; i++) {
      y[i] = (int) labels[i];
    }
    return new ProbeData(
        x,
        y,
        values(header.get("coef"), body),
        values(header.get("intercept"), body)[0],
        values(header.get("cv_accuracy"), body));
  }

  private static double[] values(JsonNode tensor, ByteBuffer body) {
    int at = tensor.at("/data_offsets/0").intValue();
    int end = tensor.at("/data_offsets/1").intValue();
    String type = tensor.get("dtype").textValue();
    int size = type.endsWith("64") ? 8 : 4;
    double[] out = new double[(end - at) / size];
    for (int i = 0; i < out.length; i++) {
      int position = at + i * size;
      out[i] =
          switch (type) {
            case "F32" -> body.getFloat(position);
            case "F64" -> body.getDouble(position);
            case "I64" -> body.getLong(position);
            case "I32" -> body.getInt(position);
            default -> throw new IllegalStateException(type);
          };
    }
    return out;
  }
}
