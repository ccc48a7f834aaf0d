package io.github.lorascope.checkpoint;

import io.github.lorascope.json.Json;
import io.github.lorascope.json.JsonException;
import io.github.lorascope.json.JsonObject;
import io.github.lorascope.weights.BlockScales;
import io.github.lorascope.weights.Nf4;
import io.github.lorascope.weights.Nf4Weight;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * A matrix as bitsandbytes stores it in 4 bits: the codes under the name of the weight, and beside
 * them tables and a JSON text with shape and block size. The dtype in that text is only what
 * bitsandbytes would round to; the values here are not rounded.
 */
final class BitsAndBytes {
  private static final String STATE = ".quant_state.bitsandbytes__";
  private static final int CODES = 16;
  private static final int NESTED_CODES = 256;

  private final Shards shards;
  private final String name;

  BitsAndBytes(Shards shards, String name) {
    this.shards = shards;
    this.name = name;
  }

  /** Tells whether the weight is in 4 bits; refuses the other kinds of bitsandbytes and GPTQ. */
  boolean isPresent() {
    if (shards.has(name + STATE + "fp4")) {
      throw refused("is fp4 of bitsandbytes; only nf4 is supported");
    }
    String layer = name.replaceFirst("\\.weight$", "");
    if (shards.has(layer + ".SCB") || shards.has(name + ".SCB")) {
      throw refused("is int8 of bitsandbytes; only nf4 is supported");
    }
    if (!shards.has(name) && shards.has(layer + ".qweight")) {
      throw refused("is stored as " + layer + ".qweight (GPTQ or AWQ), which is not supported");
    }
    return shards.has(name + STATE + "nf4");
  }

  Nf4Weight read(int rows, int columns) {
    JsonObject state = state();
    try {
      return read(state, rows, columns);
    } catch (JsonException e) {
      throw new CheckpointException(e.getMessage(), e);
    }
  }

  private Nf4Weight read(JsonObject state, int rows, int columns) {
    String type = state.string("quant_type");
    if (!type.equals("nf4")) {
      throw refused("has the quant_type " + type + "; only nf4 is supported");
    }
    requireBlock(state, "blocksize", Nf4.BLOCK);
    List<Integer> shape = state.integers("shape");
    if (!shape.equals(List.of(rows, columns))) {
      throw refused(
          "has the shape " + shape + ", but config.json asks for [" + rows + ", " + columns + "]");
    }
    long elements = (long) rows * columns;
    ByteBuffer packed = shards.holding(name).data(name);
    if (packed.remaining() != (elements + 1) / 2) {
      throw refused(
          "has "
              + packed.remaining()
              + " bytes of codes, but its shape "
              + shape
              + " takes "
              + (elements + 1) / 2);
    }
    int blocks = Math.toIntExact((elements + Nf4.BLOCK - 1) / Nf4.BLOCK);
    float[] codebook = floats(".quant_map", CODES);
    BlockScales scales = scales(state, blocks);
    requireFinite(codebook, scales);
    return new Nf4Weight(name, rows, columns, packed, codebook, scales);
  }

  private BlockScales scales(JsonObject state, int blocks) {
    String absmax = name + ".absmax";
    if (shards.info(absmax).type() != DataType.U8) {
      return BlockScales.plain(floats(".absmax", blocks));
    }
    requireBlock(state, "nested_blocksize", BlockScales.NESTED_BLOCK);
    byte[] codes = new byte[blocks];
    requireElements(absmax, DataType.U8, blocks);
    shards.holding(absmax).data(absmax).get(codes);
    float offset = (float) state.number("nested_offset");
    if (!Float.isFinite(offset)) {
      throw refused("has a nested_offset beyond float32");
    }
    return BlockScales.nested(
        codes,
        floats(".nested_quant_map", NESTED_CODES),
        floats(
            ".nested_absmax", (blocks + BlockScales.NESTED_BLOCK - 1) / BlockScales.NESTED_BLOCK),
        offset);
  }

  /** Tables that are finite each may still give infinite products. */
  private void requireFinite(float[] codebook, BlockScales scales) {
    float largest = 0;
    for (float value : codebook) {
      largest = Math.max(largest, Math.abs(value));
    }
    for (int block = 0; block < scales.blocks(); block++) {
      if (!Float.isFinite(largest * scales.at(block))) {
        throw refused("holds NaN or infinity in block " + block + "; the checkpoint is damaged");
      }
    }
  }

  private JsonObject state() {
    String text = name + STATE + "nf4";
    SafetensorsFile file = shards.holding(text);
    TensorInfo info = file.info(text);
    if (info.type() != DataType.U8 || info.elements() > Json.MAX_FILE_BYTES) {
      throw new CheckpointException(file.where(text) + " has to be JSON in bytes (U8)");
    }
    ByteBuffer data = file.data(text);
    byte[] json = new byte[data.remaining()];
    data.get(json);
    try {
      return Json.parse(json, file.where(text));
    } catch (JsonException e) {
      throw new CheckpointException(e.getMessage(), e);
    }
  }

  private void requireBlock(JsonObject state, String field, int supported) {
    int size = state.integer(field);
    if (size != supported) {
      throw refused("has " + field + " " + size + "; only " + supported + " is supported");
    }
  }

  private float[] floats(String suffix, int count) {
    String table = name + suffix;
    requireElements(table, DataType.F32, count);
    SafetensorsFile file = shards.holding(table);
    float[] floats = file.floats(table);
    for (int i = 0; i < count; i++) {
      if (!Float.isFinite(floats[i])) {
        throw new CheckpointException(
            file.where(table) + " holds NaN or infinity at " + i + "; the checkpoint is damaged");
      }
    }
    return floats;
  }

  private void requireElements(String table, DataType type, int count) {
    TensorInfo info = shards.info(table);
    if (info.type() != type || info.elements() != count) {
      throw new CheckpointException(
          shards.holding(table).where(table)
              + " is "
              + info.type()
              + " of shape "
              + info.shape()
              + ", but "
              + type
              + " with "
              + count
              + " elements is needed");
    }
  }

  private CheckpointException refused(String what) {
    return new CheckpointException(
        (shards.has(name) ? shards.holding(name).where(name) : "Tensor " + name) + " " + what);
  }
}
