package io.github.lorascope.onnx;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A Protocol Buffers message that is written field by field. Unlike a generated class it can hold
 * bytes that are made only while they are written, so that a model need not lie in memory.
 */
final class ProtoMessage {
  private interface Field {
    /** Bytes of the field, its tag included. */
    long size();

    void write(CodedOutputStream out) throws IOException;
  }

  private final List<Field> fields = new ArrayList<>();

  ProtoMessage integer(int number, long value) {
    fields.add(
        new Field() {
          @Override
          public long size() {
            return CodedOutputStream.computeInt64Size(number, value);
          }

          @Override
          public void write(CodedOutputStream out) throws IOException {
            out.writeInt64(number, value);
          }
        });
    return this;
  }

  ProtoMessage real(int number, float value) {
    fields.add(
        new Field() {
          @Override
          public long size() {
            return CodedOutputStream.computeFloatSize(number, value);
          }

          @Override
          public void write(CodedOutputStream out) throws IOException {
            out.writeFloat(number, value);
          }
        });
    return this;
  }

  ProtoMessage text(int number, String value) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    return delimited(number, bytes.length, out -> out.writeRawBytes(bytes));
  }

  ProtoMessage message(int number, ProtoMessage value) {
    fields.add(
        new Field() {
          @Override
          public long size() {
            return delimitedSize(number, value.size());
          }

          @Override
          public void write(CodedOutputStream out) throws IOException {
            begin(out, number, value.size());
            value.write(out);
          }
        });
    return this;
  }

  /** Bytes that are made while they are written. */
  ProtoMessage bytes(int number, TensorContent content) {
    return delimited(
        number, content.bytes(), out -> TensorContent.write(content, out::writeRawBytes));
  }

  private interface Writer {
    void write(CodedOutputStream out) throws IOException;
  }

  private ProtoMessage delimited(int number, long length, Writer content) {
    fields.add(
        new Field() {
          @Override
          public long size() {
            return delimitedSize(number, length);
          }

          @Override
          public void write(CodedOutputStream out) throws IOException {
            begin(out, number, length);
            content.write(out);
          }
        });
    return this;
  }

  private static long delimitedSize(int number, long length) {
    return CodedOutputStream.computeTagSize(number)
        + CodedOutputStream.computeUInt64SizeNoTag(length)
        + length;
  }

  private static void begin(CodedOutputStream out, int number, long length) throws IOException {
    out.writeTag(number, WireFormat.WIRETYPE_LENGTH_DELIMITED);
    out.writeUInt64NoTag(length);
  }

  /** Bytes of all fields. */
  long size() {
    return fields.stream().mapToLong(Field::size).sum();
  }

  void write(CodedOutputStream out) throws IOException {
    for (Field field : fields) {
      field.write(out);
    }
  }
}
