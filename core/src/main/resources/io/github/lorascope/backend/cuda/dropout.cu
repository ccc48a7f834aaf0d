// Dropout whose mask depends on a seed and a number's position alone: SplitMix64 (Steele, Lea and
// Flood, 2014) of the position, its upper 53 bits against the rate's. What stays is scaled by kept.
#include "common.cuh"

__device__ __forceinline__ float factor(u64 seed, u64 position, u64 threshold, float kept) {
  u64 z = seed + (position + 1) * 0x9E3779B97F4A7C15ull;
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ z >> 27) * 0x94D049BB133111EBull;
  return ((z ^ z >> 31) >> 11) < threshold ? 0.0f : kept;
}

// y = dropout(x), both [gridDim.x, columns].
KERNEL drop(
    const float* x, int x_stride, float* y, int y_stride, int columns,
    u64 seed, u64 threshold, float kept) {
  long long row = blockIdx.x;
  FOR_COLUMNS(c, columns) {
    y[row * y_stride + c] =
        x[row * x_stride + c] * factor(seed, row * columns + c, threshold, kept);
  }
}

// y += dropout(x): the gradient of the above where x is a gradient.
KERNEL add_dropped(
    const float* x, int x_stride, float* y, int y_stride, int columns,
    u64 seed, u64 threshold, float kept) {
  long long row = blockIdx.x;
  FOR_COLUMNS(c, columns) {
    y[row * y_stride + c] +=
        x[row * x_stride + c] * factor(seed, row * columns + c, threshold, kept);
  }
}
