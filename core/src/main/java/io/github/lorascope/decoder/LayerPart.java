package io.github.lorascope.decoder;

import io.github.lorascope.backend.BackendWeight;
import io.github.lorascope.tensor.Tensor;
import java.util.List;

/**
 * A linear layer, or some rows of one, and the columns its output takes in the tensor that its
 * block shares.
 *
 * @param module path of the linear layer
 * @param firstRow first of its rows that this part has
 * @param weight those rows [outputs, inputs]
 * @param bias their bias [1, outputs], or null
 * @param column first column of the output
 */
record LayerPart(String module, int firstRow, BackendWeight weight, Tensor bias, int column) {
  int outputs() {
    return weight.weight().rows();
  }

  int inputs() {
    return weight.weight().columns();
  }

  Tensor columnsOf(Tensor whole) {
    return whole.columns(column, column + outputs());
  }

  static List<BackendWeight> weights(List<LayerPart> parts) {
    return parts.stream().map(LayerPart::weight).toList();
  }
}
