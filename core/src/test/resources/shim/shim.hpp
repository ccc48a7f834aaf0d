// Runs the kernels' sources on the CPU: blocks one after the other, a fiber a thread. A fiber runs
// until it reaches a barrier or an exchange between the lanes of its warp, and goes on when all who
// are expected have come there. What a kernel would see as undefined is NaN; sanitizers watch its
// pointers and its arithmetic.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "failure.hpp"
#include "shared.hpp"

using std::max;
using std::min;

namespace shim {

struct Index {
  unsigned x, y, z;
};

extern Index thread_index, block_index, block_size, grid_size;

// All threads must come to a barrier, and all lanes to an exchange, by the same call in the kernel,
// so what lies between is inlined.
#define __forceinline__ inline __attribute__((always_inline))

void block_barrier();

// Gives each lane what all lanes of its warp hand in.
void exchange(uint64_t mine, uint64_t all[32]);

// Gives each lane what the lane that it names hands in.
uint64_t exchange(uint64_t mine, unsigned lane);

__forceinline__ void expect_all_lanes(unsigned mask) {
  if (mask != 0xffffffffu) {
    fail("a warp operation without some of its lanes");
  }
}

template <class T>
__forceinline__ T shuffle(unsigned mask, T value, unsigned lane) {
  expect_all_lanes(mask);
  uint64_t mine = 0;
  static_assert(sizeof(T) <= sizeof mine, "a register of at most 64 bits");
  memcpy(&mine, &value, sizeof value);
  uint64_t theirs = exchange(mine, lane % 32);
  T result;
  memcpy(&result, &theirs, sizeof result);
  return result;
}

}  // namespace shim

#define threadIdx shim::thread_index
#define blockIdx shim::block_index
#define blockDim shim::block_size
#define gridDim shim::grid_size
#define __global__
#define __device__
#define __launch_bounds__(...)
#define __align__(bytes) alignas(bytes)
#define SHARED(type, name, count)  \
  static shim::Declaration name##_is; \
  type* name = static_cast<type*>(name##_is.in_this_block(sizeof(type) * (count)))
#define DYNAMIC_SHARED(name) float* name = shim::shared()

__forceinline__ void __syncthreads() { shim::block_barrier(); }

__forceinline__ void __syncwarp(unsigned mask = 0xffffffffu) {
  shim::expect_all_lanes(mask);
  shim::exchange(0, 0u);
}

inline unsigned shim_lane() { return threadIdx.x % 32; }

template <class T>
__forceinline__ T __shfl_sync(unsigned mask, T value, int lane) {
  return shim::shuffle(mask, value, lane);
}

template <class T>
__forceinline__ T __shfl_xor_sync(unsigned mask, T value, int lanes) {
  return shim::shuffle(mask, value, shim_lane() ^ lanes);
}

inline float __uint_as_float(unsigned bits) {
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

inline unsigned __float_as_uint(float value) {
  unsigned bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

// Like CUDA's compiler, the shim's makes one operation of a product and a sum, rounded once, but not
// across these, which are rounded one by one: it cannot see that what it forgets is a product.
inline float shim_forget(float value) {
  asm("" : "+x"(value));
  return value;
}

inline float __fmul_rn(float a, float b) { return shim_forget(a * b); }
inline float __fadd_rn(float a, float b) { return shim_forget(a) + shim_forget(b); }
inline float __fdiv_rn(float a, float b) { return a / b; }

#include "tensor_core.hpp"
