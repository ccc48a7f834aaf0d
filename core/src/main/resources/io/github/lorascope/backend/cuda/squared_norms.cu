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
  long long count = matrix.rows * matrix.columns;
  if ((long long)blockIdx.y * blockDim.x < count) {  // else it has no share
    long long first = (long long)blockIdx.y * blockDim.x + threadIdx.x;
    long long step = (long long)gridDim.y * blockDim.x;
    long long rows = step / matrix.columns;  // that a step passes, and columns beyond them
    long long columns = step % matrix.columns;
    long long row = first / matrix.columns;
    long long column = first % matrix.columns;
    for (long long i = first; i < count; i += step) {
      double value = matrix.numbers[row * matrix.stride + column];
      squares += value * value;
      row += rows;
      column += columns;
      if (column >= matrix.columns) {
        column -= matrix.columns;
        row++;
      }
    }
    squares = block_sum(squares);
  }
  if (threadIdx.x == 0) {
    sums[(long long)blockIdx.x * gridDim.y + blockIdx.y] = squares;
  }
}
