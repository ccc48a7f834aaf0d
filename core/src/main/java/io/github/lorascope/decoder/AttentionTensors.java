package io.github.lorascope.decoder;

import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;

/**
 * Queries, keys and values, or their gradients. Where every token asks, they are the columns of one
 * matrix, as a fused projection writes them; where last tokens alone ask, queries stand apart.
 */
record AttentionTensors(Tensor q, Tensor k, Tensor v, Tensor queries, Tensor keysValues) {
  static AttentionTensors of(int asking, int tokens, PassContext pass, MemoryScope memory) {
    int queryColumns = pass.config().queryWidth();
    int keyColumns = pass.config().keyValueWidth();
    Tensor queries;
    Tensor keysValues;
    if (asking == tokens) {
      Tensor whole = pass.activations(tokens, queryColumns + 2 * keyColumns, memory);
      queries = whole;
      keysValues = whole.columns(queryColumns, queryColumns + 2 * keyColumns);
    } else {
      queries = pass.activations(asking, queryColumns, memory);
      keysValues = pass.activations(tokens, 2 * keyColumns, memory);
    }
    return new AttentionTensors(
        queries.columns(0, queryColumns),
        keysValues.columns(0, keyColumns),
        keysValues.columns(keyColumns, 2 * keyColumns),
        queries,
        keysValues);
  }

  /** Queries and keys as one matrix, where all are one. */
  Tensor queriesAndKeys() {
    return queries.columns(0, q.columns() + k.columns());
  }

  boolean forQueries(LayerPart part) {
    return part.column() < q.columns();
  }

  /**
   * The columns that a part writes; a part reaches beyond the queries only where all are one
   * matrix.
   */
  Tensor of(LayerPart part) {
    if (forQueries(part)) {
      return part.columnsOf(queries);
    }
    int column = part.column() - q.columns();
    return keysValues.columns(column, column + part.outputs());
  }
}
