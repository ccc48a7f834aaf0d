package io.github.lorascope.backend.onednn;

import io.github.lorascope.backend.AttentionShape;
import io.github.lorascope.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Heads that are computed together: all that read some heads of keys, or, where those are too many,
 * some that read the same one.
 *
 * @param firstHead first head of queries
 * @param heads how many
 * @param firstKeyHead first head of keys and values
 * @param keyHeads how many
 */
record HeadChunk(int firstHead, int heads, int firstKeyHead, int keyHeads) {
  /** Divides the heads into lists of those that share heads of keys, at most so many in a chunk. */
  static List<List<HeadChunk>> of(AttentionShape shape, int most) {
    int group = shape.heads() / shape.keyValueHeads();
    int together = Math.max(1, most / group);
    List<List<HeadChunk>> all = new ArrayList<>();
    for (int first = 0; first < shape.keyValueHeads(); first += together) {
      int keyHeads = Math.min(together, shape.keyValueHeads() - first);
      int end = (first + keyHeads) * group;
      int step = keyHeads > 1 ? keyHeads * group : Math.min(group, most);
      List<HeadChunk> sharing = new ArrayList<>();
      for (int head = first * group; head < end; head += step) {
        sharing.add(new HeadChunk(head, Math.min(step, end - head), first, keyHeads));
      }
      all.add(sharing);
    }
    return all;
  }

  /** Finds the heads' numbers in rows of all heads of queries. */
  Tensor queriesOf(Tensor x, int headDim) {
    return x.columns(firstHead * headDim, (firstHead + heads) * headDim);
  }

  /** Finds the heads' numbers in rows of all heads of keys. */
  Tensor keysOf(Tensor x, int headDim) {
    return x.columns(firstKeyHead * headDim, (firstKeyHead + keyHeads) * headDim);
  }
}
