// Chosen rows of a matrix, and the gradient of choosing them. Each row is chosen at most once.
#include "common.cuh"

// y[i] = x[rows[i]], y [gridDim.x, columns].
KERNEL select_rows(
    const float* x, int x_stride, const int* rows, float* y, int y_stride, int columns) {
  const float* from = x + (long long)rows[blockIdx.x] * x_stride;
  FOR_COLUMNS(c, columns) { y[(long long)blockIdx.x * y_stride + c] = from[c]; }
}

// dx[rows[i]] += dy[i], dy [gridDim.x, columns].
KERNEL add_to_rows(
    const float* dy, int dy_stride, const int* rows, float* dx, int dx_stride, int columns) {
  float* to = dx + (long long)rows[blockIdx.x] * dx_stride;
  FOR_COLUMNS(c, columns) { to[c] += dy[(long long)blockIdx.x * dy_stride + c]; }
}
