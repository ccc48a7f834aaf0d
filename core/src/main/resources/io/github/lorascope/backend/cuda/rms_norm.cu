// y = x r g with r = 1 / sqrt(mean(x^2) + epsilon) (Zhang and Sennrich, 2019), alone or of a sum with
// the residual stream, and its gradient; a block a row.
// x, dy, dx and the sum [gridDim.x, columns]; y, and what is added, float32 or bfloat16; gain g
// [columns], inverse r [gridDim.x].
#include "numbers.cuh"

template <int N, class T>
__device__ __forceinline__ void normalize(
    const float* x, float squares, const float* gain, float epsilon, T* y, float* inverse,
    int columns) {
  float r = 1 / sqrtf(block_sum(squares) / columns + epsilon);
  FOR_RUNS_OF_BLOCK(N, c, columns) {
    float a[N], g[N];
    read<N>(x + c, a);
    read<N>(gain + c, g);
    for (int i = 0; i < N; i++) {
      a[i] = a[i] * r * g[i];
    }
    write<N>(a, y + c);
  }
  if (threadIdx.x == 0) {
    *inverse = r;
  }
}

template <int N, class T>
__device__ __forceinline__ void norm(
    const float* x, const float* gain, float epsilon, T* y, float* inverse, int columns) {
  float squares = 0;
  FOR_RUNS_OF_BLOCK(N, c, columns) {
    float a[N];
    read<N>(x + c, a);
    for (int i = 0; i < N; i++) {
      squares += a[i] * a[i];
    }
  }
  normalize<N>(x, squares, gain, epsilon, y, inverse, columns);
}

// A thread reads again what it wrote itself, so no barrier stands between.
template <int N, class T>
__device__ __forceinline__ void add_norm(
    const T* x, const float* residual, const float* gain, float epsilon, float* sum, T* y,
    float* inverse, int columns) {
  float squares = 0;
  FOR_RUNS_OF_BLOCK(N, c, columns) {
    float a[N], b[N];
    read<N>(x + c, a);
    read<N>(residual + c, b);
    for (int i = 0; i < N; i++) {
      a[i] += b[i];
      squares += a[i] * a[i];
    }
    write<N>(a, sum + c);
  }
  normalize<N>(sum, squares, gain, epsilon, y, inverse, columns);
}

// With n = x r and d = dy g: dx += r (d - n mean(d n)).
template <int N>
__device__ __forceinline__ void backward(
    const float* dy, const float* x, const float* gain, float r, float* dx, int columns) {
  float dot = 0;
  FOR_RUNS_OF_BLOCK(N, c, columns) {
    float d[N], a[N], g[N];
    read<N>(dy + c, d);
    read<N>(x + c, a);
    read<N>(gain + c, g);
    for (int i = 0; i < N; i++) {
      dot += d[i] * g[i] * a[i] * r;
    }
  }
  float mean = block_sum(dot) / columns;
  FOR_RUNS_OF_BLOCK(N, c, columns) {
    float d[N], a[N], g[N], out[N];
    read<N>(dy + c, d);
    read<N>(x + c, a);
    read<N>(gain + c, g);
    read<N>(dx + c, out);
    for (int i = 0; i < N; i++) {
      out[i] += r * (d[i] * g[i] - a[i] * r * mean);
    }
    write<N>(out, dx + c);
  }
}

#define DEFINE(T)                                                                               \
  KERNEL rms_norm_##T(                                                                          \
      const float* x, int x_stride, const float* gain, float epsilon, T* y, int y_stride,       \
      float* inverse, int inverse_stride, int columns, int wide) {                              \
    long long row = blockIdx.x;                                                                 \
    x += row * x_stride;                                                                        \
    y += row * y_stride;                                                                        \
    inverse += row * inverse_stride;                                                            \
    wide != 0 ? norm<4>(x, gain, epsilon, y, inverse, columns)                                  \
              : norm<1>(x, gain, epsilon, y, inverse, columns);                                 \
  }                                                                                             \
  KERNEL add_rms_norm_##T(                                                                      \
      const T* x, int x_stride, const float* residual, int residual_stride, const float* gain,  \
      float epsilon, float* sum, int sum_stride, T* y, int y_stride, float* inverse,            \
      int inverse_stride, int columns, int wide) {                                              \
    long long row = blockIdx.x;                                                                 \
    x += row * x_stride;                                                                        \
    residual += row * residual_stride;                                                          \
    sum += row * sum_stride;                                                                    \
    y += row * y_stride;                                                                        \
    inverse += row * inverse_stride;                                                            \
    wide != 0 ? add_norm<4>(x, residual, gain, epsilon, sum, y, inverse, columns)               \
              : add_norm<1>(x, residual, gain, epsilon, sum, y, inverse, columns);              \
  }
FOR_TYPES(DEFINE)

KERNEL rms_norm_backward(
    const float* dy, int dy_stride, const float* x, int x_stride, const float* gain,
    const float* inverse, int inverse_stride, float* dx, int dx_stride, int columns, int wide) {
  long long row = blockIdx.x;
  dy += row * dy_stride;
  x += row * x_stride;
  dx += row * dx_stride;
  float r = inverse[row * inverse_stride];
  wide != 0 ? backward<4>(dy, x, gain, r, dx, columns) : backward<1>(dy, x, gain, r, dx, columns);
}
