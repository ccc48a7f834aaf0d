package io.github.lorascope.decoder;

import io.github.lorascope.backend.AttentionShape;
import io.github.lorascope.backend.Backend;
import io.github.lorascope.backend.Dropout;
import io.github.lorascope.backend.LowRank;
import io.github.lorascope.backend.Precision;
import io.github.lorascope.backend.RowWork;
import io.github.lorascope.checkpoint.ModelConfig;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;

/** What the layers of one pass share: the batch, the adapter, positions and rotation. */
record PassContext(
    ModelConfig config,
    Precision precision,
    TokenBatch batch,
    Adapter adapter,
    PassOptions options,
    RopeTable rope,
    int[] positions,
    int[] lastTokens,
    int[] lastPositions) {

  static PassContext of(
      Decoder decoder, TokenBatch batch, Adapter adapter, PassOptions options, MemoryScope memory) {
    ModelConfig config = decoder.config();
    return new PassContext(
        config,
        decoder.precision(),
        batch,
        adapter,
        options,
        RopeTable.of(batch.longest(), decoder.angles(batch.longest()), memory),
        batch.positions(),
        batch.lastTokens(),
        batch.lastPositions());
  }

  /**
   * Makes a tensor for what passes between the operations of a layer: where products round their
   * operands to bfloat16, it need not hold more.
   */
  Tensor activations(int rows, int columns, MemoryScope memory) {
    return precision == Precision.BF16
        ? memory.rounded(rows, columns)
        : memory.tensor(rows, columns);
  }

  /** Turns queries and keys by their positions, or their gradients back. */
  void rotate(Backend backend, AttentionTensors x, boolean lastOnly, boolean back) {
    if (lastOnly) {
      queryRotation(backend, x, back).run(0, x.q().rows());
      keyRotation(backend, x, back).run(0, x.k().rows());
    } else {
      rotation(backend, x, back).run(0, x.k().rows());
    }
  }

  /** Turns queries and keys of all tokens, which are one matrix. */
  RowWork rotation(Backend backend, AttentionTensors x, boolean back) {
    return rope.rotation(backend, x.queriesAndKeys(), config.headDimension(), positions, back);
  }

  /** Turns queries of last tokens. */
  RowWork queryRotation(Backend backend, AttentionTensors x, boolean back) {
    return rope.rotation(backend, x.q(), config.headDimension(), lastPositions, back);
  }

  /** Turns keys beside queries of last tokens. */
  RowWork keyRotation(Backend backend, AttentionTensors x, boolean back) {
    return rope.rotation(backend, x.k(), config.headDimension(), positions, back);
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
    Tensor seen = activations(tokens.length, rows.columns(), memory);
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
        activations(rows, pair.a().rows(), memory));
  }

  private Dropout dropout(int layer, LayerPart part) {
    if (!options.training() || options.dropout() == 0) {
      return Dropout.NONE;
    }
    // Parts of one linear layer drop alike, where all see the same rows: the last layer's queries,
    // which are of last tokens alone, have masks of their own.
    long site = 31L * (31L * layer + part.module().hashCode());
    return Dropout.at(options.dropout(), options.seed(), site);
  }
}
