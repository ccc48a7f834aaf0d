// The scales of 4-bit weights, and looking codes up: what dequantizing and multiplying share.
// Products and sums are rounded one by one, so that all backends have the same bits.
#pragma once
#include "common.cuh"

// One float32 a block of 64 elements. What is fetched of either need not be there before its value
// is asked for.
struct PlainScales {
  typedef float Fetched;
  const float* absmax;
  __device__ Fetched fetch(long long block) const { return absmax[block]; }
  __device__ float value(Fetched absmax_of_block) const { return absmax_of_block; }
};

// Double-quantized: map[code] * nested[block / 256] + offset.
struct NestedScales {
  struct Fetched {
    byte code;
    float scale;
  };
  const byte* codes;
  const float* map;
  const float* nested;
  float offset;
  __device__ Fetched fetch(long long block) const { return {codes[block], nested[block / 256]}; }
  __device__ float value(Fetched block) const {
    return __fadd_rn(__fmul_rn(map[block.code], block.scale), offset);
  }
};

// The codebook lies across the lanes of a warp, so that a look-up is a shuffle; all lanes take part.
__device__ __forceinline__ float look_up(float mine, unsigned code) {
  return __shfl_sync(WARP, mine, code);
}
