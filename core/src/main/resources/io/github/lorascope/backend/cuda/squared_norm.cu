// Sums of squares in double precision: block b writes its part to partial[b], in an order that
// depends on the shape alone; the parts are added on the host. x [rows, columns].
#include "common.cuh"

KERNEL squared_norm(const float* x, int x_stride, int rows, int columns, double* partial) {
  double squares = 0;
  for (long long row = 0; row < rows; row++) {
    for (long long c = (long long)blockIdx.x * blockDim.x + threadIdx.x; c < columns;
         c += (long long)gridDim.x * blockDim.x) {
      double value = x[row * x_stride + c];
      squares += value * value;
    }
  }
  squares = block_sum(squares);
  if (threadIdx.x == 0) {
    partial[blockIdx.x] = squares;
  }
}
