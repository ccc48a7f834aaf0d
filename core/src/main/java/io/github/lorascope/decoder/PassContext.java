package io.github.lorascope.decoder;

import io.github.lorascope.backend.AttentionShape;
import io.github.lorascope.backend.Backend;
import io.github.lorascope.backend.Dropout;
import io.github.lorascope.backend.LowRank;
import io.github.lorascope.checkpoint.ModelConfig;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;

/** What the layers of one pass share: the batch, the adapter, positions and rotation. */
record PassContext(
    ModelConfig config,
    TokenBatch batch,
    Adapter adapter,
    PassOptions options,
    RopeTable rope,
    int[] positions,
    int[] lastTokens,
    int[] lastPositions) {

  static PassContext of(
      ModelConfig config,
      TokenBatch batch,
      Adapter adapter,
      PassOptions options,
      MemoryScope memory) {
    return new PassContext(
        config,
        batch,
        adapter,
        options,
        RopeTable.of(batch.longest(), config.headDimension(), config.ropeTheta(), memory),
        batch.positions(),
        batch.lastTokens(),
        batch.lastPositions());
  }

  AttentionShape attention(int layer, boolean lastOnly) {
    int[] queryOffsets = batch.offsets();
    if (lastOnly) {
      queryOffsets = new int[batch.sequences() + 1];
      for (int s = 0; s <= batch.sequences(); s++) {
        queryOffsets[s] = s;
      }
    }
    return new AttentionShape(
        config.heads(),
        config.keyValueHeads(),
        config.headDimension(),
        config.window(layer),
        queryOffsets,
        batch.keyOffsets());
  }

  /**
   * What the sequences attend to, for {@link #attention}: the rows as they are, or with those of
   * the first sequence before those of each that continues it.
   */
  Tensor seen(Backend backend, Tensor rows, MemoryScope memory) {
    if (!batch.continued()) {
      return rows;
    }
    int[] tokens = batch.keyTokens();
    Tensor seen = memory.tensor(tokens.length, rows.columns());
    backend.selectRows(rows, tokens, seen);
    return seen;
  }

  /** The LoRA path of a part, with room for what it passes on; null where the adapter has none. */
  LowRank path(int layer, LayerPart part, int rows, MemoryScope memory) {
    LowRankPair pair = adapter == null ? null : adapter.values().at(layer, part.module());
    if (pair == null) {
      return null;
    }
    return new LowRank(
        pair.a(),
        pair.b().rows(part.firstRow(), part.firstRow() + part.outputs()),
        adapter.scale(),
        dropout(layer, part),
        memory.tensor(rows, pair.a().rows()));
  }

  private Dropout dropout(int layer, LayerPart part) {
    if (!options.training() || options.dropout() == 0) {
      return Dropout.NONE;
    }
    long site = 31L * (31L * layer + part.module().hashCode()) + part.firstRow();
    return new Dropout(
        options.dropout(), options.seed() * 0x9E3779B97F4A7C15L + site * 0xD1B54A32D192ED03L);
  }
}
