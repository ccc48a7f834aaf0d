// What is done to every number of a matrix [gridDim.x, columns] by itself.
#include "common.cuh"

// y += x.
KERNEL add_matrix(const float* x, int x_stride, float* y, int y_stride, int columns) {
  FOR_COLUMNS(c, columns) {
    y[(long long)blockIdx.x * y_stride + c] += x[(long long)blockIdx.x * x_stride + c];
  }
}

// y = x.
KERNEL copy_matrix(const float* x, int x_stride, float* y, int y_stride, int columns) {
  FOR_COLUMNS(c, columns) {
    y[(long long)blockIdx.x * y_stride + c] = x[(long long)blockIdx.x * x_stride + c];
  }
}

// y = row, repeated: the bias before a product is added to it.
KERNEL repeat_row(const float* row, float* y, int y_stride, int columns) {
  FOR_COLUMNS(c, columns) { y[(long long)blockIdx.x * y_stride + c] = row[c]; }
}

// x *= factor.
KERNEL scale_matrix(float* x, int x_stride, float factor, int columns) {
  FOR_COLUMNS(c, columns) { x[(long long)blockIdx.x * x_stride + c] *= factor; }
}

// x = value.
KERNEL fill_matrix(float* x, int x_stride, float value, int columns) {
  FOR_COLUMNS(c, columns) { x[(long long)blockIdx.x * x_stride + c] = value; }
}

// y = x in bfloat16, y without gaps between its rows.
KERNEL round_matrix(const float* x, int x_stride, bf16* y, int columns) {
  FOR_COLUMNS(c, columns) {
    y[(long long)blockIdx.x * columns + c] = to_bf16(x[(long long)blockIdx.x * x_stride + c]);
  }
}
