// 4-bit NormalFloat to float32 or bfloat16 (Dettmers et al., QLoRA, 2023), in the layout of
// bitsandbytes: two codes a byte, the first in the high nibble; element i is codebook[code] times
// the scale of block i / 64. Scales in float32, or double-quantized: map[code] * nested[block / 256]
// + offset.
// Spills: none.
#include "nf4_scales.cuh"
#include "numbers.cuh"

// A thread eight codes, which share a scale; all lanes of a warp take part in looking them up.
template <class Scales, class T>
__device__ __forceinline__ void dequantize(
    const byte* packed, const float* codebook, Scales scales, T* y, long long elements) {
  float mine = codebook[threadIdx.x % 16];
  long long step = 8LL * gridDim.x * blockDim.x;
  for (long long begin = 8LL * blockIdx.x * blockDim.x; begin < elements; begin += step) {
    long long first = begin + 8 * threadIdx.x;
    int count = first < elements ? (int)min(8LL, elements - first) : 0;
    Run<4, byte> codes = {};
    if (count == 8) {
      codes = *reinterpret_cast<const Run<4, byte>*>(packed + first / 2);
    } else {
#pragma unroll
      for (int i = 0; i < 4; i++) {
        codes.numbers[i] = 2 * i < count ? packed[first / 2 + i] : 0;
      }
    }
    float scale = count > 0 ? scales.value(scales.fetch(first / 64)) : 0;
    float values[8];
#pragma unroll
    for (int i = 0; i < 8; i++) {
      unsigned both = codes.numbers[i / 2];
      values[i] = __fmul_rn(look_up(mine, i % 2 == 0 ? both >> 4 : both & 15), scale);
    }
    if (count == 8) {
      write<8>(values, y + first);
    } else {
#pragma unroll
      for (int i = 0; i < 8; i++) {
        if (i < count) {
          put(y + first + i, values[i]);
        }
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
