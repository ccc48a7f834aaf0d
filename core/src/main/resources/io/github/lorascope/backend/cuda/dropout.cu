// Dropout whose mask depends on a seed and a number's position alone: SplitMix64 (Steele, Lea and
// Flood, 2014) of the position, its upper 53 bits against the rate's. What stays is scaled by kept.
#include "numbers.cuh"

__device__ __forceinline__ float factor(u64 seed, u64 position, u64 threshold, float kept) {
  u64 z = seed + (position + 1) * 0x9E3779B97F4A7C15ull;
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ z >> 27) * 0x94D049BB133111EBull;
  return ((z ^ z >> 31) >> 11) < threshold ? 0.0f : kept;
}

// y = dropout(x), both [gridDim.x, columns].
#define DEFINE(T)                                                                          \
  KERNEL drop_##T(                                                                         \
      const T* x, int x_stride, T* y, int y_stride, int columns, u64 seed, u64 threshold,  \
      float kept) {                                                                        \
    long long row = blockIdx.x;                                                            \
    FOR_COLUMNS(c, columns) {                                                              \
      float f = factor(seed, row * columns + c, threshold, kept);                          \
      put(y + row * y_stride + c, number(x[row * x_stride + c]) * f);                      \
    }                                                                                      \
  }
FOR_TYPES(DEFINE)
#undef DEFINE

// y = dropout(x), or y += dropout(x) where add is not 0: the gradient of the above where x is one.
#define DEFINE(T)                                                                              \
  KERNEL drop_gradient_##T(                                                                    \
      const float* x, int x_stride, T* y, int y_stride, int columns, u64 seed, u64 threshold,  \
      float kept, int add) {                                                                   \
    long long row = blockIdx.x;                                                                \
    FOR_COLUMNS(c, columns) {                                                                  \
      T* to = y + row * y_stride + c;                                                          \
      float dropped = x[row * x_stride + c] * factor(seed, row * columns + c, threshold, kept); \
      put(to, add != 0 ? number(*to) + dropped : dropped);                                     \
    }                                                                                          \
  }
FOR_TYPES(DEFINE)
