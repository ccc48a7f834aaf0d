// What is done to every number of a matrix [gridDim.x, columns] by itself.
#include "numbers.cuh"

// y = residual + x.
template <int N, class T>
__device__ __forceinline__ void add(
    const T* x, int x_stride, const float* residual, int residual_stride, float* y, int y_stride,
    int columns) {
  long long row = blockIdx.x;
  FOR_RUNS(N, c, columns) {
    float a[N], b[N];
    read<N>(x + row * x_stride + c, a);
    read<N>(residual + row * residual_stride + c, b);
    for (int i = 0; i < N; i++) {
      b[i] += a[i];
    }
    write<N>(b, y + row * y_stride + c);
  }
}

#define DEFINE(T)                                                                            \
  KERNEL add_##T(                                                                            \
      const T* x, int x_stride, const float* residual, int residual_stride, float* y,        \
      int y_stride, int columns, int wide) {                                                 \
    wide != 0 ? add<4>(x, x_stride, residual, residual_stride, y, y_stride, columns)         \
              : add<1>(x, x_stride, residual, residual_stride, y, y_stride, columns);        \
  }
FOR_TYPES(DEFINE)
#undef DEFINE

// y = x, rounded where y is bfloat16 and x is not.
template <int N, class T, class U>
__device__ __forceinline__ void copy(
    const T* x, int x_stride, U* y, int y_stride, int columns) {
  long long row = blockIdx.x;
  FOR_RUNS(N, c, columns) {
    float a[N];
    read<N>(x + row * x_stride + c, a);
    write<N>(a, y + row * y_stride + c);
  }
}

#define DEFINE_COPY(NAME, T, U)                                                          \
  KERNEL NAME(const T* x, int x_stride, U* y, int y_stride, int columns, int wide) {     \
    wide != 0 ? copy<4>(x, x_stride, y, y_stride, columns)                               \
              : copy<1>(x, x_stride, y, y_stride, columns);                              \
  }
DEFINE_COPY(copy_f32, f32, f32)
DEFINE_COPY(copy_bf16, bf16, bf16)
DEFINE_COPY(round_matrix, f32, bf16)

// y = row, repeated: the bias before a product is added to it.
#define DEFINE(T)                                                                            \
  KERNEL repeat_row_##T(const float* row, T* y, int y_stride, int columns) {                 \
    FOR_COLUMNS(c, columns) { put(y + (long long)blockIdx.x * y_stride + c, row[c]); }       \
  }
FOR_TYPES(DEFINE)
#undef DEFINE

// x = value.
#define DEFINE(T)                                                                            \
  KERNEL fill_##T(T* x, int x_stride, float value, int columns) {                            \
    FOR_COLUMNS(c, columns) { put(x + (long long)blockIdx.x * x_stride + c, value); }        \
  }
FOR_TYPES(DEFINE)
#undef DEFINE

// x *= factor.
KERNEL scale_matrix(float* x, int x_stride, float factor, int columns) {
  FOR_COLUMNS(c, columns) { x[(long long)blockIdx.x * x_stride + c] *= factor; }
}
