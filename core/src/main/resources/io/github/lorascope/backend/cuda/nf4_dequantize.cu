// 4-bit NormalFloat to float32 or bfloat16 (Dettmers et al., QLoRA, 2023), in the layout of
// bitsandbytes: two codes a byte, the first in the high nibble; element i is codebook[code] times
// the scale of block i / 64. Scales in float32, or double-quantized: map[code] * nested[block / 256]
// + offset.
#include "nf4_scales.cuh"

__device__ __forceinline__ void store(float value, float* y) { *y = value; }
__device__ __forceinline__ void store(float value, bf16* y) { *y = to_bf16(value); }

// A thread a byte.
template <class Scales, class T>
__device__ __forceinline__ void dequantize(
    const byte* packed, const float* codebook, Scales scales, T* y, long long elements) {
  float mine = codebook[threadIdx.x % 16];
  long long bytes = (elements + 1) / 2;
  long long step = (long long)gridDim.x * blockDim.x;
  long long first = (long long)blockIdx.x * blockDim.x;
  for (long long begin = first; begin < bytes; begin += step) {
    long long i = begin + threadIdx.x;
    unsigned both = i < bytes ? packed[i] : 0;
    float high = look_up(mine, both >> 4);
    float low = look_up(mine, both & 15);
    if (i < bytes) {
      float scale = scales.at(2 * i / 64);
      store(__fmul_rn(high, scale), y + 2 * i);
      if (2 * i + 1 < elements) {
        store(__fmul_rn(low, scale), y + 2 * i + 1);
      }
    }
  }
}

KERNEL nf4_to_f32(
    const byte* packed, const float* codebook, const float* absmax, float* y, long long elements) {
  dequantize(packed, codebook, PlainScales{absmax}, y, elements);
}

KERNEL nf4_to_bf16(
    const byte* packed, const float* codebook, const float* absmax, bf16* y, long long elements) {
  dequantize(packed, codebook, PlainScales{absmax}, y, elements);
}

KERNEL nf4_nested_to_f32(
    const byte* packed, const float* codebook, const byte* codes, const float* map,
    const float* nested, float offset, float* y, long long elements) {
  dequantize(packed, codebook, NestedScales{codes, map, nested, offset}, y, elements);
}

KERNEL nf4_nested_to_bf16(
    const byte* packed, const float* codebook, const byte* codes, const float* map,
    const float* nested, float offset, bf16* y, long long elements) {
  dequantize(packed, codebook, NestedScales{codes, map, nested, offset}, y, elements);
}
