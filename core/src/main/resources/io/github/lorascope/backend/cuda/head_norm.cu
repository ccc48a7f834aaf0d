// RMSNorm of each head by itself, y = x r g with r = 1 / sqrt(mean(x^2) + epsilon) over a head, and its
// gradient; a warp a head: gridDim (rows, heads over the block's warps).
// x, y, dy, dx [gridDim.x, heads * dim] in float32 or bfloat16, gain g [dim], inverse r
// [gridDim.x, heads].
#include "numbers.cuh"

template <class T>
__device__ __forceinline__ void forward(
    const T* x, const float* gain, float epsilon, T* y, float* inverse, int dim) {
  int lane = threadIdx.x % 32;
  float squares = 0;
  for (int i = lane; i < dim; i += 32) {
    float value = number(x[i]);
    squares += value * value;
  }
  float r = 1 / sqrtf(warp_sum(squares) / dim + epsilon);
  for (int i = lane; i < dim; i += 32) {
    put(y + i, number(x[i]) * r * gain[i]);
  }
  if (lane == 0) {
    *inverse = r;
  }
}

// With n = x r and d = dy g: dx = r (d - n mean(d n)).
template <class T>
__device__ __forceinline__ void backward(
    const T* dy, const T* x, const float* gain, float r, T* dx, int dim) {
  int lane = threadIdx.x % 32;
  float dot = 0;
  for (int i = lane; i < dim; i += 32) {
    dot += number(dy[i]) * gain[i] * number(x[i]) * r;
  }
  float mean = warp_sum(dot) / dim;
  for (int i = lane; i < dim; i += 32) {
    put(dx + i, r * (number(dy[i]) * gain[i] - number(x[i]) * r * mean));
  }
}

#define DEFINE(T)                                                                             \
  KERNEL head_norm_##T(                                                                       \
      const T* x, int x_stride, const float* gain, float epsilon, T* y, int y_stride,         \
      float* inverse, int inverse_stride, int heads, int dim) {                               \
    long long row = blockIdx.x;                                                               \
    int head = blockIdx.y * (blockDim.x / 32) + threadIdx.x / 32;                             \
    if (head < heads) {                                                                       \
      forward(x + row * x_stride + head * dim, gain, epsilon, y + row * y_stride + head * dim, \
          inverse + row * inverse_stride + head, dim);                                        \
    }                                                                                         \
  }                                                                                           \
  KERNEL head_norm_backward_##T(                                                              \
      const T* dy, int dy_stride, const T* x, int x_stride, const float* gain,                \
      const float* inverse, int inverse_stride, T* dx, int dx_stride, int heads, int dim) {   \
    long long row = blockIdx.x;                                                               \
    int head = blockIdx.y * (blockDim.x / 32) + threadIdx.x / 32;                             \
    if (head < heads) {                                                                       \
      backward(dy + row * dy_stride + head * dim, x + row * x_stride + head * dim, gain,      \
          inverse[row * inverse_stride + head], dx + row * dx_stride + head * dim, dim);      \
    }                                                                                         \
  }
FOR_TYPES(DEFINE)
