// Chosen rows of a matrix, and the gradient of choosing them, which wants each row at most once.
#include "numbers.cuh"

// y[i] = x[rows[i]], y [gridDim.x, columns].
template <int N, class T>
__device__ __forceinline__ void select(const T* from, T* y, int columns) {
  FOR_RUNS(N, c, columns) {
    *reinterpret_cast<Run<N, T>*>(y + c) = *reinterpret_cast<const Run<N, T>*>(from + c);
  }
}

#define DEFINE(T)                                                                             \
  KERNEL select_rows_##T(                                                                     \
      const T* x, int x_stride, const int* rows, T* y, int y_stride, int columns, int wide) { \
    x += (long long)rows[blockIdx.x] * x_stride;                                              \
    y += (long long)blockIdx.x * y_stride;                                                    \
    wide != 0 ? select<4>(x, y, columns) : select<1>(x, y, columns);                          \
  }
FOR_TYPES(DEFINE)

// dx[rows[i]] += dy[i], dy [gridDim.x, columns].
KERNEL add_to_rows(
    const float* dy, int dy_stride, const int* rows, float* dx, int dx_stride, int columns) {
  float* to = dx + (long long)rows[blockIdx.x] * dx_stride;
  FOR_COLUMNS(c, columns) { to[c] += dy[(long long)blockIdx.x * dy_stride + c]; }
}
