// What the kernels share: bfloat16, sums over a warp and a block, and the columns of a row.
// Matrices are row-major, each with the distance of its rows, in numbers, beside it; they hold
// float32 where nothing else is said.
#pragma once

#define KERNEL extern "C" __global__ void

// Shared memory whose size the launch states.
#ifndef DYNAMIC_SHARED
#define DYNAMIC_SHARED(name) extern __shared__ __align__(16) float name[]
#endif

// An array in shared memory, which holds nothing when a block begins.
#ifndef SHARED
#define SHARED(type, name, count) __shared__ type name[count]
#endif

// The run-time compiler comes without the headers that define it.
#ifndef INFINITY
#define INFINITY __uint_as_float(0x7f800000u)
#endif

typedef float f32;
typedef unsigned short bf16;  // the upper half of a float32
typedef unsigned char byte;
typedef unsigned long long u64;

static const unsigned WARP = 0xffffffffu;

// The columns of a row, or of several, shared out over the grid's second dimension.
#define FOR_COLUMNS(column, columns)                                           \
  for (long long column = (long long)blockIdx.y * blockDim.x + threadIdx.x;    \
       column < (columns); column += (long long)gridDim.y * blockDim.x)

__device__ __forceinline__ float from_bf16(bf16 half) {
  return __uint_as_float((unsigned)half << 16);
}

// To nearest, ties to even; NaN stays NaN.
__device__ __forceinline__ bf16 to_bf16(float value) {
  unsigned bits = __float_as_uint(value);
  if ((bits & 0x7fffffffu) > 0x7f800000u) {
    return (bf16)(bits >> 16 | 0x40u);
  }
  return (bf16)((bits + 0x7fffu + (bits >> 16 & 1u)) >> 16);
}

template <class T>
__device__ __forceinline__ T warp_sum(T value) {
  for (int lanes = 16; lanes > 0; lanes /= 2) {
    value += __shfl_xor_sync(WARP, value, lanes);
  }
  return value;
}

__device__ __forceinline__ float warp_max(float value) {
  for (int lanes = 16; lanes > 0; lanes /= 2) {
    value = fmaxf(value, __shfl_xor_sync(WARP, value, lanes));
  }
  return value;
}

// The largest number of a block of whole warps, given to all its threads.
__device__ __forceinline__ float block_max(float value) {
  SHARED(float, partial, 32);
  int lane = threadIdx.x % 32;
  value = warp_max(value);
  __syncthreads();  // what an earlier one left may still be read
  if (lane == 0) {
    partial[threadIdx.x / 32] = value;
  }
  __syncthreads();
  return warp_max(lane < (int)(blockDim.x / 32) ? partial[lane] : -INFINITY);
}

// The sum over a block of whole warps, given to all its threads, in a fixed order.
template <class T>
__device__ __forceinline__ T block_sum(T value) {
  SHARED(T, partial, 32);
  int lane = threadIdx.x % 32;
  value = warp_sum(value);
  __syncthreads();  // what an earlier sum left may still be read
  if (lane == 0) {
    partial[threadIdx.x / 32] = value;
  }
  __syncthreads();
  return warp_sum(lane < (int)(blockDim.x / 32) ? partial[lane] : T(0));
}
