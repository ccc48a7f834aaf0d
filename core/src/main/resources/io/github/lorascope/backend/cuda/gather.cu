// Rows of an embedding table, unrounded: y[i] = table[ids[i]].
// table [vocabulary, columns] in float32, bfloat16 or float16; y [gridDim.x, columns].
#include "common.cuh"

KERNEL gather_f32(const float* table, const int* ids, float* y, int y_stride, int columns) {
  const float* from = table + (long long)ids[blockIdx.x] * columns;
  FOR_COLUMNS(c, columns) { y[(long long)blockIdx.x * y_stride + c] = from[c]; }
}

KERNEL gather_bf16(const bf16* table, const int* ids, float* y, int y_stride, int columns) {
  const bf16* from = table + (long long)ids[blockIdx.x] * columns;
  FOR_COLUMNS(c, columns) { y[(long long)blockIdx.x * y_stride + c] = from_bf16(from[c]); }
}

// 5 bits of exponent, 10 of fraction; subnormal numbers by their value.
__device__ __forceinline__ float from_f16(unsigned short half) {
  unsigned sign = (half & 0x8000u) << 16;
  unsigned exponent = half >> 10 & 31u;
  unsigned fraction = half & 1023u;
  if (exponent == 0) {
    float tiny = (float)fraction * 5.9604644775390625e-8f;  // 2^-24
    return sign != 0 ? -tiny : tiny;
  }
  unsigned wide = exponent == 31 ? 255u : exponent + 112u;
  return __uint_as_float(sign | wide << 23 | fraction << 13);
}

KERNEL gather_f16(
    const unsigned short* table, const int* ids, float* y, int y_stride, int columns) {
  const unsigned short* from = table + (long long)ids[blockIdx.x] * columns;
  FOR_COLUMNS(c, columns) { y[(long long)blockIdx.x * y_stride + c] = from_f16(from[c]); }
}
