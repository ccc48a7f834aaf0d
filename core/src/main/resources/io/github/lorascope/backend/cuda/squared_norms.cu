// Sums of squares in double precision, of any number of matrices in one launch: block (m, b) writes
// its share of matrix m to sums[m * gridDim.y + b], in an order that depends on the matrix alone;
// the shares are added on the host. gridDim (matrices, shares).
#include "common.cuh"

struct Matrix {
  const float* numbers;
  long long stride;
  long long rows;
  long long columns;
};
static_assert(sizeof(Matrix) == FIELDS * sizeof(long long), "Java writes FIELDS numbers a matrix");

KERNEL squared_norms(const Matrix* matrices, double* sums) {
  Matrix matrix = matrices[blockIdx.x];
  double squares = 0;
  if ((long long)blockIdx.y * blockDim.x < matrix.columns) {  // else it has no share
    for (long long row = 0; row < matrix.rows; row++) {
      FOR_COLUMNS(c, matrix.columns) {
        double value = matrix.numbers[row * matrix.stride + c];
        squares += value * value;
      }
    }
    squares = block_sum(squares);
  }
  if (threadIdx.x == 0) {
    sums[(long long)blockIdx.x * gridDim.y + blockIdx.y] = squares;
  }
}
