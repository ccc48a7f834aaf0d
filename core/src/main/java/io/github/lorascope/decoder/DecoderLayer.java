package io.github.lorascope.decoder;

import io.github.lorascope.tensor.Tensor;
import io.github.lorascope.weights.Weight;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What one layer computes with: {@code m = x + o(attention(qkv(norm1(x))))}, {@code y = m +
 * down(swiGlu(gateUp(norm2(m))))}. {@link LayerForward} does so, {@link LayerBackward} goes back.
 *
 * @param headNorms norms of queries and keys, or null where the model has none
 */
record DecoderLayer(
    int index,
    Tensor gain1,
    List<LayerPart> qkv,
    HeadNorms headNorms,
    LayerPart output,
    Tensor gain2,
    List<LayerPart> gateUp,
    LayerPart down) {

  /** The linear layers behind attention, in their order. */
  List<LayerPart> afterAttention() {
    List<LayerPart> parts = new ArrayList<>();
    parts.add(output);
    parts.addAll(gateUp);
    parts.add(down);
    return parts;
  }

  /** The weight of a linear layer, put together where its rows are held in parts. */
  Weight weight(String module) {
    List<Weight> parts =
        Stream.concat(qkv.stream(), afterAttention().stream())
            .filter(part -> part.module().equals(module))
            .sorted(Comparator.comparingInt(LayerPart::firstRow))
            .map(part -> part.weight().weight())
            .toList();
    if (parts.isEmpty()) {
      throw new IllegalArgumentException(
          "a decoder layer has no linear layer "
              + module
              + "; there are "
              + Stream.concat(qkv.stream(), afterAttention().stream())
                  .map(LayerPart::module)
                  .distinct()
                  .collect(Collectors.joining(", ")));
    }
    return parts.size() == 1 ? parts.get(0) : new JoinedRows(parts);
  }
}
