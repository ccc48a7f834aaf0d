// What the attention kernels in bfloat16 share: tiles in shared memory, and the products of a warp,
// which has 16 rows of a tile of 64, with other tiles.
#pragma once
#include "sequence.cuh"
#include "tensor_core.cuh"

// Rows of a tile, threads of a block and numbers between two rows come from Java.
static_assert(TILE == 64 && THREADS == 128, "a warp for 16 rows");
static_assert(PADDING % 8 == 0, "rows begin on 16 bytes");

static const float LOG2_E = 1.44269504f;

// The distance of rows in shared memory: the rows of a matrix [8, 8] fall into different banks.
template <int DIM>
__device__ __forceinline__ constexpr int pitch() {
  return DIM + PADDING;
}

// Begins to copy rows [from, from + ROWS) of a head to shared memory, zero beyond the rows and
// beyond dim; in chunks of 16 bytes where every row begins on such and ends with a whole one.
template <int DIM, int ROWS>
__device__ __forceinline__ void load_tile(
    bf16* tile, const bf16* matrix, int stride, int from, int rows, int dim, bool chunks) {
  if (chunks) {
    for (int i = threadIdx.x; i < ROWS * DIM / 8; i += THREADS) {
      int row = i / (DIM / 8);
      int column = i % (DIM / 8) * 8;
      bool inside = from + row < rows && column < dim;
      const bf16* at = matrix + (inside ? (long long)(from + row) * stride + column : 0);
      copy_16_bytes(tile + row * pitch<DIM>() + column, at, inside);
    }
  } else {
    for (int i = threadIdx.x; i < ROWS * DIM; i += THREADS) {
      int row = i / DIM;
      int column = i % DIM;
      bool inside = from + row < rows && column < dim;
      tile[row * pitch<DIM>() + column] =
          inside ? matrix[(long long)(from + row) * stride + column] : (bf16)0;
    }
  }
}

// A warp's 16 rows of a from column k on, as the left operand of multiply_add.
template <int DIM>
__device__ __forceinline__ void load_left(unsigned to[4], const bf16* a, int k) {
  int lane = threadIdx.x % 32;
  load_matrices(to, a + lane % 16 * pitch<DIM>() + k + lane / 16 * 8);
}

// out = a b^T of a warp's 16 rows of a and COLUMNS rows of b.
template <int DIM, int COLUMNS>
__device__ __forceinline__ void multiply_rows(
    const bf16* a, const bf16* b, float out[COLUMNS / 8][4]) {
  int lane = threadIdx.x % 32;
  const bf16* at = b + (lane % 8 + lane / 16 * 8) * pitch<DIM>() + lane / 8 % 2 * 8;
#pragma unroll
  for (int j = 0; j < COLUMNS / 8; j++) {
#pragma unroll
    for (int i = 0; i < 4; i++) {
      out[j][i] = 0;
    }
  }
#pragma unroll
  for (int k = 0; k < DIM; k += 16) {
    unsigned left[4];
    load_left<DIM>(left, a, k);
#pragma unroll
    for (int j = 0; j < COLUMNS / 8; j += 2) {
      unsigned right[4];
      load_matrices(right, at + j * 8 * pitch<DIM>() + k);
      multiply_add(out[j], left, right);
      multiply_add(out[j + 1], left, right + 2);
    }
  }
}

// out += w b of a warp's 16 rows of weights, as multiply_rows lays them out, rounded here, and
// INNER rows of b.
template <int DIM, int INNER>
__device__ __forceinline__ void add_weighted(
    const float w[INNER / 8][4], const bf16* b, float out[DIM / 8][4]) {
  int lane = threadIdx.x % 32;
  const bf16* at = b + lane % 16 * pitch<DIM>() + lane / 16 * 8;
#pragma unroll
  for (int k = 0; k < INNER / 16; k++) {
    const float* near = w[2 * k];
    const float* far = w[2 * k + 1];
    unsigned left[4] = {
        pack(near[0], near[1]), pack(near[2], near[3]), pack(far[0], far[1]), pack(far[2], far[3])};
#pragma unroll
    for (int j = 0; j < DIM / 8; j += 2) {
      unsigned right[4];
      load_transposed(right, at + k * 16 * pitch<DIM>() + j * 8);
      multiply_add(out[j], left, right);
      multiply_add(out[j + 1], left, right + 2);
    }
  }
}

// Over the 4 lanes that share a row.
__device__ __forceinline__ float row_max(float value) {
  value = fmaxf(value, __shfl_xor_sync(WARP, value, 1));
  return fmaxf(value, __shfl_xor_sync(WARP, value, 2));
}

__device__ __forceinline__ float row_sum(float value) {
  value += __shfl_xor_sync(WARP, value, 1);
  return value + __shfl_xor_sync(WARP, value, 2);
}

// A running softmax of the two rows that a lane has a share of.
struct Softmax {
  float largest[2] = {-INFINITY, -INFINITY};
  float total[2] = {0, 0};

  // Takes in the products of queries and a tile of keys, and makes them weights: exp(scale q k) over
  // exp(largest). What was weighted before is to be multiplied with rescale.
  __device__ __forceinline__ void add(
      float score[TILE / 8][4], const Sequence& sequence, int first_query, int first_key,
      float scale, float rescale[2]) {
    int query = first_query + threadIdx.x / 32 * 16 + threadIdx.x % 32 / 4;
    bool full = sequence.all_seen(first_query, TILE, first_key, TILE);
#pragma unroll
    for (int r = 0; r < 2; r++) {
      float top = largest[r];
#pragma unroll
      for (int j = 0; j < TILE / 8; j++) {
#pragma unroll
        for (int i = 2 * r; i < 2 * r + 2; i++) {
          int key = first_key + 8 * j + 2 * (threadIdx.x % 4) + i % 2;
          bool seen = full || sequence.sees(query + 8 * r, key);
          score[j][i] = seen ? score[j][i] * scale * LOG2_E : -INFINITY;
          top = fmaxf(top, score[j][i]);
        }
      }
      top = row_max(top);
      // A row may see none of these keys yet.
      float shift = top == -INFINITY ? 0 : top;
      float sum = 0;
#pragma unroll
      for (int j = 0; j < TILE / 8; j++) {
#pragma unroll
        for (int i = 2 * r; i < 2 * r + 2; i++) {
          score[j][i] = exp2f(score[j][i] - shift);
          sum += score[j][i];
        }
      }
      rescale[r] = exp2f(largest[r] - shift);
      total[r] = total[r] * rescale[r] + row_sum(sum);
      largest[r] = top;
    }
  }
};

// Writes a warp's 16 rows, of which the first is `from`, each times a factor.
template <int DIM>
__device__ __forceinline__ void store_rows(
    const float part[DIM / 8][4], const float factor[2], bf16* matrix, int stride, int from,
    int rows, int dim) {
  int lane = threadIdx.x % 32;
#pragma unroll
  for (int r = 0; r < 2; r++) {
    int row = from + lane / 4 + 8 * r;
    if (row < rows) {
      bf16* to = matrix + (long long)row * stride;
#pragma unroll
      for (int j = 0; j < DIM / 8; j++) {
#pragma unroll
        for (int i = 0; i < 2; i++) {
          int column = 8 * j + 2 * (lane % 4) + i;
          if (column < dim) {
            to[column] = to_bf16(part[j][2 * r + i] * factor[r]);
          }
        }
      }
    }
  }
}
