// Causal softmax attention, y_i = sum_j softmax_j(scale q_i k_j) v_j, on the tensor cores: numbers and
// weights in bfloat16, sums in float32, in one pass over the keys with a running maximum and sum
// (Dao, FlashAttention-2, 2023): no matrix of queries x keys.
// q, y [queries, heads * dim]; k, v [keys, key_heads * dim]. A block a tile of queries, 16 a warp:
// gridDim (tiles of the longest sequence, heads, sequences).
// Spills: none.
#include "attention_bf16.cuh"

template <int DIM>
__device__ __forceinline__ void forward(
    const bf16* q, int q_stride, const bf16* k, int k_stride, const bf16* v, int v_stride, bf16* y,
    int y_stride, const int* query_offsets, const int* key_offsets, int group_size, int dim,
    int window, float scale, bool chunks) {
  DYNAMIC_SHARED(shared);
  bf16* queries = reinterpret_cast<bf16*>(shared);
  bf16* keys = queries + TILE * pitch<DIM>();
  bf16* values = keys + TILE * pitch<DIM>();
  Sequence sequence(query_offsets, key_offsets, blockIdx.z, window);
  int from = blockIdx.x * TILE;
  if (from >= sequence.queries) {
    return;
  }
  int warp = threadIdx.x / 32;
  int key_head = blockIdx.y / group_size;
  q += sequence.first_query * q_stride + blockIdx.y * dim;
  y += sequence.first_query * y_stride + blockIdx.y * dim;
  k += sequence.first_row * k_stride + key_head * dim;
  v += sequence.first_row * v_stride + key_head * dim;

  float sums[DIM / 8][4] = {};
  Softmax softmax;
  int begin = sequence.first_key(from) / TILE * TILE;
  int end = sequence.last_key(min(from + TILE, sequence.queries) - 1) + 1;
  load_tile<DIM, TILE>(queries, q, q_stride, from, sequence.queries, dim, chunks);
  load_tile<DIM, TILE>(keys, k, k_stride, begin, sequence.keys, dim, chunks);
  for (int key = begin; key < end; key += TILE) {
    wait_for_copies();
    __syncthreads();
    // The values come while the scores are computed, and the next keys while the weights are.
    load_tile<DIM, TILE>(values, v, v_stride, key, sequence.keys, dim, chunks);
    float score[TILE / 8][4];
    multiply_rows<DIM, TILE>(queries + 16 * warp * pitch<DIM>(), keys, score);
    wait_for_copies();
    __syncthreads();
    if (key + TILE < end) {
      load_tile<DIM, TILE>(keys, k, k_stride, key + TILE, sequence.keys, dim, chunks);
    }
    float rescale[2];
    softmax.add(score, sequence, from, key, scale, rescale);
#pragma unroll
    for (int j = 0; j < DIM / 8; j++) {
#pragma unroll
      for (int i = 0; i < 4; i++) {
        sums[j][i] *= rescale[i / 2];
      }
    }
    add_weighted<DIM, TILE>(score, values, sums);
  }
  float factor[2] = {1 / softmax.total[0], 1 / softmax.total[1]};
  store_rows<DIM>(sums, factor, y, y_stride, from + 16 * warp, sequence.queries, dim);
}

#define DEFINE(DIM)                                                                              \
  KERNEL __launch_bounds__(THREADS, 1) attention_##DIM##_bf16(                                      \
      const bf16* q, int q_stride, const bf16* k, int k_stride, const bf16* v, int v_stride,     \
      bf16* y, int y_stride, const int* query_offsets, const int* key_offsets, int group_size,   \
      int dim, int window, float scale, int chunks) {                                            \
    forward<DIM>(q, q_stride, k, k_stride, v, v_stride, y, y_stride, query_offsets, key_offsets, \
        group_size, dim, window, scale, chunks != 0);                                            \
  }
FOR_HEAD_WIDTHS(DEFINE)
