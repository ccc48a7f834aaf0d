package io.github.lorascope.gguf;

import io.github.lorascope.io.FileVersion;
import io.github.lorascope.io.IoReason;
import io.github.lorascope.weights.DenseWeight;
import io.github.lorascope.weights.Weight;
import io.github.lorascope.weights.WeightException;
import io.github.lorascope.weights.WeightForm;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.Set;

/**
 * A GGUF file (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md), version 2 or 3,
 * little-endian. The header is read and checked when the file is opened; tensors are mapped when
 * asked for, so that nothing has to be closed. Thread-safe.
 */
public final class GgufFile {
  /** Large vocabularies take some 20 MB. */
  private static final long MAX_HEADER_BYTES = 1L << 30;

  private final Path path;
  private final FileVersion version;
  private final GgufHeader header;

  private GgufFile(Path path, FileVersion version, GgufHeader header) {
    this.path = path;
    this.version = version;
    this.header = header;
  }

  /**
   * Opens a file and checks its header.
   *
   * @param path the file
   * @return its metadata and tensors
   * @throws GgufException if it cannot be read, is not a sound GGUF file, is a part of one, or has
   *     a tensor of a type that is not supported
   */
  public static GgufFile open(Path path) {
    if (Files.isDirectory(path)) {
      throw new GgufException(path + " is a folder, not a GGUF file");
    }
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      FileVersion version = FileVersion.of(path);
      long size = channel.size();
      ByteBuffer start =
          channel.map(FileChannel.MapMode.READ_ONLY, 0, Math.min(size, MAX_HEADER_BYTES));
      GgufHeader header = GgufHeader.parse(start, size, path.toString());
      int parts = header.metadata().integer("split.count", 1);
      if (parts > 1) {
        throw new GgufException(
            path + " is one of " + parts + " parts; join them with llama-gguf-split --merge");
      }
      return new GgufFile(path, version, header);
    } catch (NoSuchFileException e) {
      throw new GgufException(path + " does not exist", e);
    } catch (IOException e) {
      throw new GgufException("Cannot read " + path + ": " + IoReason.of(e), e);
    }
  }

  /**
   * Returns where it lies.
   *
   * @return the file
   */
  public Path path() {
    return path;
  }

  /**
   * Returns its keys and values.
   *
   * @return the metadata
   */
  public GgufMetadata metadata() {
    return header.metadata();
  }

  /**
   * Returns what tensors it has.
   *
   * @return their names, in the order of the file
   */
  public Set<String> names() {
    return Collections.unmodifiableSet(header.tensors().keySet());
  }

  /**
   * Tells whether a tensor is there.
   *
   * @param name the tensor
   * @return whether the file holds it
   */
  public boolean has(String name) {
    return header.tensors().containsKey(name);
  }

  /**
   * Returns type and shape of a tensor.
   *
   * @param name the tensor
   * @return what the header says
   * @throws GgufException if there is no such tensor
   */
  public GgufTensor info(String name) {
    GgufTensor info = header.tensors().get(name);
    if (info == null) {
      throw new GgufException(path + " has no tensor " + name);
    }
    return info;
  }

  /**
   * Returns a tensor as a matrix, mapped from the file and checked to be finite. F32, F16 and BF16
   * are kept as they are; blocks are dequantized, in float32 as ggml does it, when rows are read.
   *
   * @param name the tensor
   * @return the matrix, with as many columns as its innermost dimension; a vector is one row
   * @throws GgufException if there is no such tensor, it is larger than one mapping, or it holds
   *     NaN or infinity
   */
  public Weight weight(String name) {
    GgufTensor info = info(name);
    if (info.bytes() > Integer.MAX_VALUE) {
      throw new GgufException(
          where(name) + " has " + info.bytes() + " bytes; at most 2^31 - 1 can be read");
    }
    ByteBuffer data = map(name, info);
    int columns = size(name, info.shape().get(0));
    int rows = size(name, info.bytes() / rowBytes(info));
    return switch (info.type()) {
      case F32 -> dense(name, rows, columns, WeightForm.F32, data);
      case F16 -> dense(name, rows, columns, WeightForm.F16, data);
      case BF16 -> dense(name, rows, columns, WeightForm.BF16, data);
      default -> blocks(new GgufWeight(name, rows, columns, info.type(), data));
    };
  }

  private Weight dense(String name, int rows, int columns, WeightForm form, ByteBuffer data) {
    DenseWeight weight = DenseWeight.of(name, rows, columns, form, data);
    try {
      weight.requireFinite();
    } catch (WeightException e) {
      throw new GgufException(path + ": tensor " + e.getMessage(), e);
    }
    return weight;
  }

  private Weight blocks(GgufWeight weight) {
    int bad = weight.firstBadRow();
    if (bad >= 0) {
      throw new GgufException(
          where(weight.name()) + " holds NaN or infinity in row " + bad + "; the file is damaged");
    }
    return weight;
  }

  private ByteBuffer map(String name, GgufTensor info) {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      long begin = header.dataStart() + info.begin();
      if (channel.size() < begin + info.bytes()) {
        throw new GgufException(path + " has become shorter since it was opened");
      }
      if (version.replaced(path)) {
        throw new GgufException(
            path + " has been replaced since it was opened: begin again with the new one");
      }
      return channel
          .map(FileChannel.MapMode.READ_ONLY, begin, info.bytes())
          .order(ByteOrder.LITTLE_ENDIAN);
    } catch (IOException e) {
      throw new GgufException("Cannot read " + where(name) + ": " + IoReason.of(e), e);
    }
  }

  private int size(String name, long size) {
    if (size > Integer.MAX_VALUE) {
      throw new GgufException(where(name) + " has the shape " + info(name).shape() + "; too long");
    }
    return (int) size;
  }

  private static long rowBytes(GgufTensor info) {
    GgufType type = info.type();
    return info.shape().get(0) / type.blockElements() * type.blockBytes();
  }

  private String where(String name) {
    return path + ": tensor " + name;
  }
}
