// Gradient of causal softmax attention on the tensor cores (Dao, FlashAttention-2, 2023), in two
// passes that each write what one block alone adds up, so that the same inputs give the same bits.
// With p_ij the weights, dp_ij = dy_i v_j and e_i = dy_i y_i: ds_ij = scale p_ij (dp_ij - e_i),
// dq_i = sum_j ds_ij k_j, dk_j = sum_i ds_ij q_i, dv_j = sum_i p_ij dy_i.
// Shapes as in attention_forward_bf16.cu; log_sums and dots, in float32, hold
// log2(sum_j exp(scale q_i k_j)) and e_i of each head and query [heads, queries].
// Spills: none.
#include "attention_bf16.cuh"

// First pass: log_sums, dots and dq. gridDim (tiles of the longest sequence, heads, sequences).
template <int DIM>
__device__ __forceinline__ void backward_queries(
    const bf16* dy, int dy_stride, const bf16* q, int q_stride, const bf16* k, int k_stride,
    const bf16* v, int v_stride, const bf16* y, int y_stride, bf16* dq, int dq_stride,
    float* log_sums, float* dots, int all_queries, const int* query_offsets,
    const int* key_offsets, int group_size, int dim, int window, float scale, bool chunks) {
  DYNAMIC_SHARED(shared);
  bf16* queries = reinterpret_cast<bf16*>(shared);
  bf16* gradients = queries + TILE * pitch<DIM>();
  bf16* keys = gradients + TILE * pitch<DIM>();
  bf16* values = keys + TILE * pitch<DIM>();
  Sequence sequence(query_offsets, key_offsets, blockIdx.z, window);
  int from = blockIdx.x * TILE;
  if (from >= sequence.queries) {
    return;
  }
  int warp = threadIdx.x / 32;
  int group = threadIdx.x % 32 / 4;
  int quad = threadIdx.x % 4;
  int key_head = blockIdx.y / group_size;
  q += sequence.first_query * q_stride + blockIdx.y * dim;
  dy += sequence.first_query * dy_stride + blockIdx.y * dim;
  y += sequence.first_query * y_stride + blockIdx.y * dim;
  dq += sequence.first_query * dq_stride + blockIdx.y * dim;
  k += sequence.first_row * k_stride + key_head * dim;
  v += sequence.first_row * v_stride + key_head * dim;
  const bf16* my_queries = queries + 16 * warp * pitch<DIM>();
  const bf16* my_gradients = gradients + 16 * warp * pitch<DIM>();
  load_tile<DIM, TILE>(queries, q, q_stride, from, sequence.queries, dim, chunks);
  load_tile<DIM, TILE>(gradients, dy, dy_stride, from, sequence.queries, dim, chunks);

  int begin = sequence.first_key(from) / TILE * TILE;
  int end = sequence.last_key(min(from + TILE, sequence.queries) - 1) + 1;
  Softmax softmax;
  for (int key = begin; key < end; key += TILE) {
    __syncthreads();
    load_tile<DIM, TILE>(keys, k, k_stride, key, sequence.keys, dim, chunks);
    wait_for_copies();
    __syncthreads();
    float score[TILE / 8][4];
    multiply_rows<DIM, TILE>(my_queries, keys, score);
    float rescale[2];
    softmax.add(score, sequence, from, key, scale, rescale);
  }
  float log_sum[2];
  float dot[2];
#pragma unroll
  for (int r = 0; r < 2; r++) {
    int row = group + 8 * r;
    int query = from + 16 * warp + row;
    float products = 0;
    for (int c = quad; c < dim && query < sequence.queries; c += 4) {
      products += from_bf16(my_gradients[row * pitch<DIM>() + c])
          * from_bf16(y[(long long)query * y_stride + c]);
    }
    dot[r] = row_sum(products);
    log_sum[r] = softmax.largest[r] + log2f(softmax.total[r]);
    if (quad == 0 && query < sequence.queries) {
      long long at = (long long)blockIdx.y * all_queries + sequence.first_query + query;
      log_sums[at] = log_sum[r];
      dots[at] = dot[r];
    }
  }

  float sums[DIM / 8][4] = {};
  for (int key = begin; key < end; key += TILE) {
    __syncthreads();
    load_tile<DIM, TILE>(keys, k, k_stride, key, sequence.keys, dim, chunks);
    load_tile<DIM, TILE>(values, v, v_stride, key, sequence.keys, dim, chunks);
    wait_for_copies();
    __syncthreads();
    float score[TILE / 8][4];
    float dp[TILE / 8][4];
    multiply_rows<DIM, TILE>(my_queries, keys, score);
    multiply_rows<DIM, TILE>(my_gradients, values, dp);
    bool full = sequence.all_seen(from, TILE, key, TILE);
#pragma unroll
    for (int j = 0; j < TILE / 8; j++) {
#pragma unroll
      for (int i = 0; i < 4; i++) {
        int query = from + 16 * warp + group + i / 2 * 8;
        bool seen = full || sequence.sees(query, key + 8 * j + 2 * quad + i % 2);
        float p = seen ? exp2f(score[j][i] * scale * LOG2_E - log_sum[i / 2]) : 0.0f;
        score[j][i] = p * (dp[j][i] - dot[i / 2]) * scale;
      }
    }
    add_weighted<DIM, TILE>(score, keys, sums);
  }
  float factor[2] = {1, 1};
  store_rows<DIM>(sums, factor, dq, dq_stride, from + 16 * warp, sequence.queries, dim);
}

// Second pass: dk and dv. gridDim (tiles of the longest sequence's keys, key heads, sequences).
// QUERIES at a time, which come from Java.
template <int DIM, int QUERIES>
__device__ __forceinline__ void backward_keys(
    const bf16* dy, int dy_stride, const bf16* q, int q_stride, const bf16* k, int k_stride,
    const bf16* v, int v_stride, bf16* dk, int dk_stride, bf16* dv, int dv_stride,
    const float* log_sums, const float* dots, int all_queries, const int* query_offsets,
    const int* key_offsets, int group_size, int dim, int window, float scale, bool chunks) {
  DYNAMIC_SHARED(shared);
  SHARED(float, log_sum, QUERIES);
  SHARED(float, dot, QUERIES);
  bf16* keys = reinterpret_cast<bf16*>(shared);
  bf16* values = keys + TILE * pitch<DIM>();
  bf16* queries = values + TILE * pitch<DIM>();
  bf16* gradients = queries + QUERIES * pitch<DIM>();
  Sequence sequence(query_offsets, key_offsets, blockIdx.z, window);
  int from = blockIdx.x * TILE;
  if (from >= sequence.keys) {
    return;
  }
  int warp = threadIdx.x / 32;
  int group = threadIdx.x % 32 / 4;
  int quad = threadIdx.x % 4;
  int dim_offset = blockIdx.y * dim;
  k += sequence.first_row * k_stride + dim_offset;
  v += sequence.first_row * v_stride + dim_offset;
  dk += sequence.first_row * dk_stride + dim_offset;
  dv += sequence.first_row * dv_stride + dim_offset;
  q += sequence.first_query * q_stride;
  dy += sequence.first_query * dy_stride;
  const bf16* my_keys = keys + 16 * warp * pitch<DIM>();
  const bf16* my_values = values + 16 * warp * pitch<DIM>();
  load_tile<DIM, TILE>(keys, k, k_stride, from, sequence.keys, dim, chunks);
  load_tile<DIM, TILE>(values, v, v_stride, from, sequence.keys, dim, chunks);

  float key_sums[DIM / 8][4] = {};
  float value_sums[DIM / 8][4] = {};
  int earlier = sequence.keys - sequence.queries;  // keys that come before the first query
  int begin = max(0, from - earlier) / QUERIES * QUERIES;
  int end = sequence.queries;
  if (window > 0) {
    end = min(end, from + TILE - 1 + window - earlier);
  }
  int first_head = blockIdx.y * group_size;
  for (int head = first_head; head < first_head + group_size; head++) {
    for (int query = begin; query < end; query += QUERIES) {
      __syncthreads();
      load_tile<DIM, QUERIES>(
          queries, q + head * dim, q_stride, query, sequence.queries, dim, chunks);
      load_tile<DIM, QUERIES>(
          gradients, dy + head * dim, dy_stride, query, sequence.queries, dim, chunks);
      if (threadIdx.x < QUERIES) {
        bool inside = query + (int)threadIdx.x < sequence.queries;
        long long at =
            (long long)head * all_queries + sequence.first_query + query + threadIdx.x;
        log_sum[threadIdx.x] = inside ? log_sums[at] : 0;
        dot[threadIdx.x] = inside ? dots[at] : 0;
      }
      wait_for_copies();
      __syncthreads();
      float score[QUERIES / 8][4];
      float dp[QUERIES / 8][4];
      multiply_rows<DIM, QUERIES>(my_keys, queries, score);
      multiply_rows<DIM, QUERIES>(my_values, gradients, dp);
      bool full = sequence.all_seen(query, QUERIES, from, TILE);
#pragma unroll
      for (int j = 0; j < QUERIES / 8; j++) {
#pragma unroll
        for (int i = 0; i < 4; i++) {
          int column = 8 * j + 2 * quad + i % 2;
          bool seen =
              full || sequence.sees(query + column, from + 16 * warp + group + i / 2 * 8);
          float p = seen ? exp2f(score[j][i] * scale * LOG2_E - log_sum[column]) : 0.0f;
          score[j][i] = p;
          dp[j][i] = p * (dp[j][i] - dot[column]) * scale;
        }
      }
      add_weighted<DIM, QUERIES>(score, gradients, value_sums);
      add_weighted<DIM, QUERIES>(dp, queries, key_sums);
    }
  }
  wait_for_copies();  // where no query sees these keys
  float factor[2] = {1, 1};
  store_rows<DIM>(key_sums, factor, dk, dk_stride, from + 16 * warp, sequence.keys, dim);
  store_rows<DIM>(value_sums, factor, dv, dv_stride, from + 16 * warp, sequence.keys, dim);
}

#define DEFINE(DIM)                                                                             \
  KERNEL __launch_bounds__(THREADS, 1) attention_backward_queries_##DIM##_bf16(                    \
      const bf16* dy, int dy_stride, const bf16* q, int q_stride, const bf16* k, int k_stride,  \
      const bf16* v, int v_stride, const bf16* y, int y_stride, bf16* dq, int dq_stride,        \
      float* log_sums, float* dots, int all_queries, const int* query_offsets,                  \
      const int* key_offsets, int group_size, int dim, int window, float scale, int chunks) {   \
    backward_queries<DIM>(dy, dy_stride, q, q_stride, k, k_stride, v, v_stride, y, y_stride, dq, \
        dq_stride, log_sums, dots, all_queries, query_offsets, key_offsets, group_size, dim,    \
        window, scale, chunks != 0);                                                            \
  }                                                                                             \
  KERNEL __launch_bounds__(THREADS, 1) attention_backward_keys_##DIM##_bf16(                       \
      const bf16* dy, int dy_stride, const bf16* q, int q_stride, const bf16* k, int k_stride,  \
      const bf16* v, int v_stride, bf16* dk, int dk_stride, bf16* dv, int dv_stride,            \
      const float* log_sums, const float* dots, int all_queries, const int* query_offsets,      \
      const int* key_offsets, int group_size, int dim, int window, float scale, int chunks) {   \
    backward_keys<DIM, QUERIES_##DIM>(dy, dy_stride, q, q_stride, k, k_stride, v, v_stride, dk, \
        dk_stride, dv, dv_stride, log_sums, dots, all_queries, query_offsets, key_offsets,      \
        group_size, dim, window, scale, chunks != 0);                                           \
  }
FOR_HEAD_WIDTHS(DEFINE)
