// Causal softmax attention, y_i = sum_j softmax_j(scale q_i k_j) v_j, in float32, in one pass over
// the keys with a running maximum and sum (Dao, FlashAttention-2, 2023): no matrix of queries x keys.
// q, y [queries, heads * dim]; k, v [keys, key_heads * dim]. A block a tile of queries:
// gridDim (tiles of the longest sequence, heads, sequences).
// Spills: none.
#include "attention_f32.cuh"

template <int DIM>
__device__ __forceinline__ void forward(
    const float* q, int q_stride, const float* k, int k_stride, const float* v, int v_stride,
    float* y, int y_stride, const int* query_offsets, const int* key_offsets, int group_size,
    int dim, int window, float scale) {
  DYNAMIC_SHARED(shared);
  float* queries = shared;
  float* keys = queries + TILE * pitch<DIM>();
  float* values = keys + TILE * pitch<DIM>();
  float* weights = values + TILE * pitch<DIM>();
  Sequence sequence(query_offsets, key_offsets, blockIdx.z, window);
  int from = blockIdx.x * TILE;
  if (from >= sequence.queries) {
    return;
  }
  int group = threadIdx.x / 8;
  int lane = threadIdx.x % 8;
  int key_head = blockIdx.y / group_size;
  q += sequence.first_query * q_stride + blockIdx.y * dim;
  y += sequence.first_query * y_stride + blockIdx.y * dim;
  k += sequence.first_row * k_stride + key_head * dim;
  v += sequence.first_row * v_stride + key_head * dim;
  load_tile<DIM>(queries, q, q_stride, from, sequence.queries, dim);

  float sums[2][DIM / 8] = {};
  float largest[2] = {-INFINITY, -INFINITY};
  float total[2] = {0, 0};
  int end = sequence.last_key(min(from + TILE, sequence.queries) - 1) + 1;
  for (int key = sequence.first_key(from) / TILE * TILE; key < end; key += TILE) {
    __syncthreads();
    load_tile<DIM>(keys, k, k_stride, key, sequence.keys, dim);
    load_tile<DIM>(values, v, v_stride, key, sequence.keys, dim);
    __syncthreads();
    float score[2][4];
    dot_tile<DIM>(queries, keys, group, lane, score);
    for (int r = 0; r < 2; r++) {
      int query = from + 2 * group + r;
      float top = largest[r];
      for (int j = 0; j < 4; j++) {
        bool seen = sequence.sees(query, key + lane + 8 * j);
        score[r][j] = seen ? score[r][j] * scale : -INFINITY;
        top = fmaxf(top, score[r][j]);
      }
      top = group_max(top);
      // A row may see none of these keys yet.
      float shift = top == -INFINITY ? 0 : top;
      float rescale = expf(largest[r] - shift);
      float sum = 0;
      for (int j = 0; j < 4; j++) {
        float weight = expf(score[r][j] - shift);
        sum += weight;
        weights[(2 * group + r) * (TILE + 1) + lane + 8 * j] = weight;
      }
      total[r] = total[r] * rescale + group_sum(sum);
      largest[r] = top;
      for (int j = 0; j < DIM / 8; j++) {
        sums[r][j] *= rescale;
      }
    }
    __syncwarp();  // a group's weights are written and read within its warp
    add_product<DIM>(weights, values, group, lane, sums);
  }
  for (int r = 0; r < 2; r++) {
    for (int j = 0; j < DIM / 8; j++) {
      sums[r][j] /= total[r];
    }
  }
  store_tile<DIM>(sums, y, y_stride, from, sequence.queries, dim, group, lane);
}

#define DEFINE(DIM)                                                                             \
  KERNEL __launch_bounds__(THREADS, 1) attention_##DIM##_f32(                                            \
      const float* q, int q_stride, const float* k, int k_stride, const float* v, int v_stride, \
      float* y, int y_stride, const int* query_offsets, const int* key_offsets, int group_size, \
      int dim, int window, float scale) {                                                       \
    forward<DIM>(q, q_stride, k, k_stride, v, v_stride, y, y_stride, query_offsets, key_offsets, \
        group_size, dim, window, scale);                                                        \
  }
FOR_HEAD_WIDTHS(DEFINE)
