package io.github.lorascope.backend.cuda;

import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.StoragePool;
import io.github.lorascope.tensor.Tensor;
import io.github.lorascope.weights.BlockScales;
import io.github.lorascope.weights.Nf4;
import io.github.lorascope.weights.Nf4Weight;
import io.github.lorascope.weights.Weight;
import java.nio.ByteBuffer;

/** {@link Nf4#quantize} on the device, with the same bits. */
final class Nf4Quantizer {
  private static final int WARP = 32;

  private final Device device;
  private final StoragePool pool;

  Nf4Quantizer(Device device, StoragePool pool) {
    this.device = device;
    this.pool = pool;
  }

  Nf4Weight quantize(Weight source, boolean doubleQuantization) {
    long elements = (long) source.rows() * source.columns();
    ByteBuffer codes = Nf4.codes(source);
    int blocks = Math.toIntExact((elements + Nf4.BLOCK - 1) / Nf4.BLOCK);
    try (MemoryScope scratch = new MemoryScope(pool, "quantizing " + source.name())) {
      Tensor dense = DenseUpload.of(source, false, device, scratch);
      Tensor packed = Transfer.room(scratch, codes.remaining());
      Tensor absmax = scratch.tensor(1, blocks);
      Tensor bad = Transfer.longs(device, scratch, -1);
      float[] borders = Nf4.borders();
      new Launch(device, "nf4_quantize")
          .row(dense)
          .row(scratch.tensor(1, borders.length, borders))
          .row(packed)
          .row(absmax)
          .value(elements)
          .row(bad)
          .run(Grid.numbers((long) blocks * WARP, Integer.MAX_VALUE));
      long index = Transfer.bytes(device, bad, Long.BYTES).getLong();
      if (index >= 0) {
        throw Nf4.notFinite(source, index);
      }
      device.read(DeviceStorage.address(packed), codes);
      BlockScales scales =
          doubleQuantization ? nested(absmax, scratch) : BlockScales.plain(absmax.toArray());
      return new Nf4Weight(
          source.name(), source.rows(), source.columns(), codes.rewind(), Nf4.codebook(), scales);
    }
  }

  private BlockScales nested(Tensor absmax, MemoryScope scratch) {
    int blocks = absmax.columns();
    float mean = BlockScales.mean(absmax.toArray());
    float[] map = BlockScales.nestedMap();
    int groups = Grid.parts(blocks, BlockScales.NESTED_BLOCK);
    Tensor codes = Transfer.room(scratch, blocks);
    Tensor nested = scratch.tensor(1, groups);
    new Launch(device, "nf4_quantize_scales")
        .row(absmax)
        .value(mean)
        .row(scratch.tensor(1, map.length, map))
        .row(codes)
        .row(nested)
        .value(blocks)
        .run(new Grid(groups, 1, 1, BlockScales.NESTED_BLOCK));
    byte[] bytes = new byte[blocks];
    Transfer.bytes(device, codes, blocks).get(bytes);
    return BlockScales.nested(bytes, map, nested.toArray(), mean);
  }
}
