// What the attention kernels in float32 share: tiles in shared memory, and the share of a tile's
// numbers that a thread has.
#pragma once
#include "sequence.cuh"

// Queries and keys of a tile, threads of a block and numbers between two rows come from Java.
static_assert(TILE == 32 && THREADS == 128, "16 groups of 8 threads, a group for two rows");

// The distance of rows in shared memory: rows of a group fall into different banks.
template <int DIM>
__device__ __forceinline__ constexpr int pitch() {
  return DIM + PADDING;
}

// Copies rows [from, from + TILE) of a head to shared memory, zero beyond the rows and beyond dim.
template <int DIM>
__device__ __forceinline__ void load_tile(
    float* tile, const float* matrix, int stride, int from, int rows, int dim) {
  for (int i = threadIdx.x; i < TILE * DIM; i += THREADS) {
    int row = i / DIM;
    int column = i % DIM;
    bool inside = from + row < rows && column < dim;
    tile[row * pitch<DIM>() + column] =
        inside ? matrix[(long long)(from + row) * stride + column] : 0.0f;
  }
}

// A thread's 2 x 4 part of a b^T: rows 2 group and 2 group + 1 of a, rows lane + 8 j of b.
template <int DIM>
__device__ __forceinline__ void dot_tile(
    const float* a, const float* b, int group, int lane, float out[2][4]) {
  const float* a0 = a + 2 * group * pitch<DIM>();
  const float* a1 = a0 + pitch<DIM>();
  for (int j = 0; j < 4; j++) {
    out[0][j] = 0;
    out[1][j] = 0;
  }
#pragma unroll 8
  for (int d = 0; d < DIM; d++) {
    float x0 = a0[d];
    float x1 = a1[d];
#pragma unroll
    for (int j = 0; j < 4; j++) {
      float y = b[(lane + 8 * j) * pitch<DIM>() + d];
      out[0][j] += x0 * y;
      out[1][j] += x1 * y;
    }
  }
}

// Adds to a thread's 2 x DIM/8 part of w b: rows 2 group and 2 group + 1 of w [TILE, TILE + 1],
// columns lane + 8 j of b.
template <int DIM>
__device__ __forceinline__ void add_product(
    const float* w, const float* b, int group, int lane, float out[2][DIM / 8]) {
  const float* w0 = w + 2 * group * (TILE + 1);
  const float* w1 = w0 + TILE + 1;
  for (int k = 0; k < TILE; k++) {
    float x0 = w0[k];
    float x1 = w1[k];
#pragma unroll
    for (int j = 0; j < DIM / 8; j++) {
      float y = b[k * pitch<DIM>() + lane + 8 * j];
      out[0][j] += x0 * y;
      out[1][j] += x1 * y;
    }
  }
}

// Over the 8 lanes of a group.
__device__ __forceinline__ float group_max(float value) {
  for (int lanes = 4; lanes > 0; lanes /= 2) {
    value = fmaxf(value, __shfl_xor_sync(WARP, value, lanes));
  }
  return value;
}

__device__ __forceinline__ float group_sum(float value) {
  for (int lanes = 4; lanes > 0; lanes /= 2) {
    value += __shfl_xor_sync(WARP, value, lanes);
  }
  return value;
}

// Writes a thread's part of rows [from, from + TILE) of a head.
template <int DIM>
__device__ __forceinline__ void store_tile(
    const float part[2][DIM / 8], float* matrix, int stride, int from, int rows, int dim,
    int group, int lane) {
  for (int r = 0; r < 2; r++) {
    int row = from + 2 * group + r;
    for (int j = 0; j < DIM / 8; j++) {
      int column = lane + 8 * j;
      if (row < rows && column < dim) {
        matrix[(long long)row * stride + column] = part[r][j];
      }
    }
  }
}
