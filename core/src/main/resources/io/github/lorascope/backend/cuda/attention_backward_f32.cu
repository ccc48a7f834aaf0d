// Gradient of causal softmax attention in float32 (Dao, FlashAttention-2, 2023), in two passes that
// each write what one block alone adds up, so that the same inputs give the same bits.
// With p_ij the weights, dp_ij = dy_i v_j and e_i = dy_i y_i: ds_ij = scale p_ij (dp_ij - e_i),
// dq_i = sum_j ds_ij k_j, dk_j = sum_i ds_ij q_i, dv_j = sum_i p_ij dy_i.
// Shapes as in attention_forward_f32.cu; log_sums and dots hold log(sum_j exp(scale q_i k_j)) and e_i
// of each head and query [heads, queries].
// Spills: none.
#include "attention_f32.cuh"

// What p and ds are computed from, of one query.
struct Row {
  float log_sum;
  float dot;
};

// A thread's part of p and ds for a tile of queries and one of keys.
__device__ __forceinline__ void weigh(
    float score, float dp, const Row& row, bool seen, float scale, float* p, float* ds) {
  *p = seen ? expf(score * scale - row.log_sum) : 0.0f;
  *ds = *p * (dp - row.dot) * scale;
}

// First pass: log_sums, dots and dq. gridDim (tiles of the longest sequence, heads, sequences).
template <int DIM>
__device__ __forceinline__ void backward_queries(
    const float* dy, int dy_stride, const float* q, int q_stride, const float* k, int k_stride,
    const float* v, int v_stride, const float* y, int y_stride, float* dq, int dq_stride,
    float* log_sums, float* dots, int all_queries, const int* query_offsets,
    const int* key_offsets, int group_size, int dim, int window, float scale) {
  DYNAMIC_SHARED(shared);
  float* queries = shared;
  float* gradients = queries + TILE * pitch<DIM>();
  float* keys = gradients + TILE * pitch<DIM>();
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
  dy += sequence.first_query * dy_stride + blockIdx.y * dim;
  y += sequence.first_query * y_stride + blockIdx.y * dim;
  dq += sequence.first_query * dq_stride + blockIdx.y * dim;
  k += sequence.first_row * k_stride + key_head * dim;
  v += sequence.first_row * v_stride + key_head * dim;
  load_tile<DIM>(queries, q, q_stride, from, sequence.queries, dim);
  load_tile<DIM>(gradients, dy, dy_stride, from, sequence.queries, dim);

  int begin = sequence.first_key(from) / TILE * TILE;
  int end = sequence.last_key(min(from + TILE, sequence.queries) - 1) + 1;
  float largest[2] = {-INFINITY, -INFINITY};
  float total[2] = {0, 0};
  for (int key = begin; key < end; key += TILE) {
    __syncthreads();
    load_tile<DIM>(keys, k, k_stride, key, sequence.keys, dim);
    __syncthreads();
    float score[2][4];
    dot_tile<DIM>(queries, keys, group, lane, score);
    for (int r = 0; r < 2; r++) {
      float top = largest[r];
      for (int j = 0; j < 4; j++) {
        bool seen = sequence.sees(from + 2 * group + r, key + lane + 8 * j);
        score[r][j] = seen ? score[r][j] * scale : -INFINITY;
        top = fmaxf(top, score[r][j]);
      }
      top = group_max(top);
      float shift = top == -INFINITY ? 0 : top;
      float sum = 0;
      for (int j = 0; j < 4; j++) {
        sum += expf(score[r][j] - shift);
      }
      total[r] = total[r] * expf(largest[r] - shift) + group_sum(sum);
      largest[r] = top;
    }
  }
  Row rows[2];
  for (int r = 0; r < 2; r++) {
    int query = from + 2 * group + r;
    float dot = 0;
    for (int c = lane; c < dim && query < sequence.queries; c += 8) {
      dot += gradients[(2 * group + r) * pitch<DIM>() + c] * y[(long long)query * y_stride + c];
    }
    rows[r].dot = group_sum(dot);
    rows[r].log_sum = largest[r] + logf(total[r]);
    if (lane == 0 && query < sequence.queries) {
      long long at = (long long)blockIdx.y * all_queries + sequence.first_query + query;
      log_sums[at] = rows[r].log_sum;
      dots[at] = rows[r].dot;
    }
  }

  float sums[2][DIM / 8] = {};
  for (int key = begin; key < end; key += TILE) {
    __syncthreads();
    load_tile<DIM>(keys, k, k_stride, key, sequence.keys, dim);
    load_tile<DIM>(values, v, v_stride, key, sequence.keys, dim);
    __syncthreads();
    float score[2][4];
    float dp[2][4];
    dot_tile<DIM>(queries, keys, group, lane, score);
    dot_tile<DIM>(gradients, values, group, lane, dp);
    for (int r = 0; r < 2; r++) {
      for (int j = 0; j < 4; j++) {
        int column = lane + 8 * j;
        bool seen = sequence.sees(from + 2 * group + r, key + column);
        float p;
        weigh(score[r][j], dp[r][j], rows[r], seen, scale, &p,
            &weights[(2 * group + r) * (TILE + 1) + column]);
      }
    }
    __syncwarp();  // a group's weights are written and read within its warp
    add_product<DIM>(weights, keys, group, lane, sums);
  }
  store_tile<DIM>(sums, dq, dq_stride, from, sequence.queries, dim, group, lane);
}

// Second pass: dk and dv. gridDim (tiles of the longest sequence's keys, key heads, sequences).
template <int DIM>
__device__ __forceinline__ void backward_keys(
    const float* dy, int dy_stride, const float* q, int q_stride, const float* k, int k_stride,
    const float* v, int v_stride, float* dk, int dk_stride, float* dv, int dv_stride,
    const float* log_sums, const float* dots, int all_queries, const int* query_offsets,
    const int* key_offsets, int group_size, int dim, int window, float scale) {
  DYNAMIC_SHARED(shared);
  float* keys = shared;
  float* values = keys + TILE * pitch<DIM>();
  float* queries = values + TILE * pitch<DIM>();
  float* gradients = queries + TILE * pitch<DIM>();
  float* weights = gradients + TILE * pitch<DIM>();
  float* changes = weights + TILE * (TILE + 1);
  Sequence sequence(query_offsets, key_offsets, blockIdx.z, window);
  int from = blockIdx.x * TILE;
  if (from >= sequence.keys) {
    return;
  }
  int group = threadIdx.x / 8;
  int lane = threadIdx.x % 8;
  int dim_offset = blockIdx.y * dim;
  k += sequence.first_row * k_stride + dim_offset;
  v += sequence.first_row * v_stride + dim_offset;
  dk += sequence.first_row * dk_stride + dim_offset;
  dv += sequence.first_row * dv_stride + dim_offset;
  q += sequence.first_query * q_stride;
  dy += sequence.first_query * dy_stride;
  load_tile<DIM>(keys, k, k_stride, from, sequence.keys, dim);
  load_tile<DIM>(values, v, v_stride, from, sequence.keys, dim);

  float key_sums[2][DIM / 8] = {};
  float value_sums[2][DIM / 8] = {};
  int earlier = sequence.keys - sequence.queries;  // keys that come before the first query
  int begin = max(0, from - earlier) / TILE * TILE;
  int end = sequence.queries;
  if (window > 0) {
    end = min(end, from + TILE - 1 + window - earlier);
  }
  int first_head = blockIdx.y * group_size;
  for (int head = first_head; head < first_head + group_size; head++) {
    for (int query = begin; query < end; query += TILE) {
      __syncthreads();
      load_tile<DIM>(queries, q + head * dim, q_stride, query, sequence.queries, dim);
      load_tile<DIM>(gradients, dy + head * dim, dy_stride, query, sequence.queries, dim);
      __syncthreads();
      float score[2][4];
      float dp[2][4];
      dot_tile<DIM>(keys, queries, group, lane, score);
      dot_tile<DIM>(values, gradients, group, lane, dp);
      for (int j = 0; j < 4; j++) {
        int row = query + lane + 8 * j;
        Row statistics = {0, 0};
        if (row < sequence.queries) {
          long long at = (long long)head * all_queries + sequence.first_query + row;
          statistics = {log_sums[at], dots[at]};
        }
        for (int r = 0; r < 2; r++) {
          int at = (2 * group + r) * (TILE + 1) + lane + 8 * j;
          bool seen = sequence.sees(row, from + 2 * group + r);
          weigh(score[r][j], dp[r][j], statistics, seen, scale, &weights[at], &changes[at]);
        }
      }
      __syncwarp();  // a group's weights are written and read within its warp
      add_product<DIM>(weights, gradients, group, lane, value_sums);
      add_product<DIM>(changes, queries, group, lane, key_sums);
    }
  }
  store_tile<DIM>(key_sums, dk, dk_stride, from, sequence.keys, dim, group, lane);
  store_tile<DIM>(value_sums, dv, dv_stride, from, sequence.keys, dim, group, lane);
}

#define DEFINE(DIM)                                                                             \
  KERNEL __launch_bounds__(THREADS, 1) attention_backward_queries_##DIM##_f32(                           \
      const float* dy, int dy_stride, const float* q, int q_stride, const float* k,             \
      int k_stride, const float* v, int v_stride, const float* y, int y_stride, float* dq,      \
      int dq_stride, float* log_sums, float* dots, int all_queries, const int* query_offsets,   \
      const int* key_offsets, int group_size, int dim, int window, float scale) {               \
    backward_queries<DIM>(dy, dy_stride, q, q_stride, k, k_stride, v, v_stride, y, y_stride, dq, \
        dq_stride, log_sums, dots, all_queries, query_offsets, key_offsets, group_size, dim,    \
        window, scale);                                                                         \
  }                                                                                             \
  KERNEL __launch_bounds__(THREADS, 1) attention_backward_keys_##DIM##_f32(                              \
      const float* dy, int dy_stride, const float* q, int q_stride, const float* k,             \
      int k_stride, const float* v, int v_stride, float* dk, int dk_stride, float* dv,          \
      int dv_stride, const float* log_sums, const float* dots, int all_queries,                 \
      const int* query_offsets, const int* key_offsets, int group_size, int dim, int window,    \
      float scale) {                                                                            \
    backward_keys<DIM>(dy, dy_stride, q, q_stride, k, k_stride, v, v_stride, dk, dk_stride, dv, \
        dv_stride, log_sums, dots, all_queries, query_offsets, key_offsets, group_size, dim,    \
        window, scale);                                                                         \
  }
FOR_HEAD_WIDTHS(DEFINE)
