// Reads and writes float32 and bfloat16 alike, one number or four at a time. A kernel that takes
// both is defined for each by FOR_TYPES, under its name and the type's; `wide` tells that every
// row of every matrix begins at a multiple of four numbers and has a multiple of four columns.
#pragma once
#include "common.cuh"

#define FOR_TYPES(DEFINE) DEFINE(f32) DEFINE(bf16)

__device__ __forceinline__ float number(float value) { return value; }
__device__ __forceinline__ float number(bf16 half) { return from_bf16(half); }

__device__ __forceinline__ void put(float* to, float value) { *to = value; }
__device__ __forceinline__ void put(bf16* to, float value) { *to = to_bf16(value); }

template <int N, class T>
struct __align__(N * sizeof(T)) Run {
  T numbers[N];
};

template <int N, class T>
__device__ __forceinline__ void read(const T* from, float to[N]) {
  Run<N, T> run = *reinterpret_cast<const Run<N, T>*>(from);
#pragma unroll
  for (int i = 0; i < N; i++) {
    to[i] = number(run.numbers[i]);
  }
}

template <int N, class T>
__device__ __forceinline__ void write(const float from[N], T* to) {
  Run<N, T> run;
#pragma unroll
  for (int i = 0; i < N; i++) {
    put(&run.numbers[i], from[i]);
  }
  *reinterpret_cast<Run<N, T>*>(to) = run;
}

// The columns of row blockIdx.x, N at a time, shared out over the grid's second dimension.
#define FOR_RUNS(N, column, columns)                                                   \
  for (long long column = N * ((long long)blockIdx.y * blockDim.x + threadIdx.x);      \
       column < (columns); column += N * (long long)gridDim.y * blockDim.x)

// The same for a kernel with a block a row.
#define FOR_RUNS_OF_BLOCK(N, column, columns) \
  for (int column = N * threadIdx.x; column < (columns); column += N * blockDim.x)
