package io.github.lorascope.decoder;

import io.github.lorascope.backend.AttentionShape;
import io.github.lorascope.backend.LowRank;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;
import java.util.Map;

/**
 * What one layer's forward pass leaves for its backward pass.
 *
 * @param memory owns everything here but the input
 * @param input the residual stream before the layer [tokens, hidden]
 * @param inverse1 of the norm before attention [tokens, 1]
 * @param headNorms what the norms of queries and keys leave; null where there are none
 * @param qkv rotated queries and keys, and values
 * @param shape who attends to whom
 * @param attended output of attention [asking, heads * headDim]
 * @param middle the residual stream between attention and MLP [asking, hidden]
 * @param inverse2 of the norm before the MLP [asking, 1]
 * @param gateUp gate and up of the MLP; null where there is no backward pass
 * @param paths the LoRA paths by part
 * @param output the residual stream after the layer [asking, hidden]
 */
record LayerTape(
    MemoryScope memory,
    Tensor input,
    Tensor inverse1,
    HeadNorms.Tape headNorms,
    AttentionTensors qkv,
    AttentionShape shape,
    Tensor attended,
    Tensor middle,
    Tensor inverse2,
    GateUp gateUp,
    Map<LayerPart, LowRank> paths,
    Tensor output)
    implements AutoCloseable {
  /** A tape that the layer is computed again from. */
  static LayerTape outputOnly(MemoryScope memory, Tensor input, Tensor output) {
    return new LayerTape(
        memory, input, null, null, null, null, null, null, null, null, Map.of(), output);
  }

  @Override
  public void close() {
    memory.close();
  }
}
