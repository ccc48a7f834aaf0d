// y = x r g with r = 1 / sqrt(mean(x^2) + epsilon) (Zhang and Sennrich, 2019), a block a row.
// x, y, dy, dx [gridDim.x, columns], gain g [columns], inverse r [gridDim.x].
#include "common.cuh"

KERNEL rms_norm(
    const float* x, int x_stride, const float* gain, float epsilon,
    float* y, int y_stride, float* inverse, int inverse_stride, int columns) {
  x += (long long)blockIdx.x * x_stride;
  y += (long long)blockIdx.x * y_stride;
  float squares = 0;
  for (int c = threadIdx.x; c < columns; c += blockDim.x) {
    squares += x[c] * x[c];
  }
  float r = 1 / sqrtf(block_sum(squares) / columns + epsilon);
  for (int c = threadIdx.x; c < columns; c += blockDim.x) {
    y[c] = x[c] * r * gain[c];
  }
  if (threadIdx.x == 0) {
    inverse[(long long)blockIdx.x * inverse_stride] = r;
  }
}

// With n = x r and d = dy g: dx += r (d - n mean(d n)).
KERNEL rms_norm_backward(
    const float* dy, int dy_stride, const float* x, int x_stride, const float* gain,
    const float* inverse, int inverse_stride, float* dx, int dx_stride, int columns) {
  dy += (long long)blockIdx.x * dy_stride;
  x += (long long)blockIdx.x * x_stride;
  dx += (long long)blockIdx.x * dx_stride;
  float r = inverse[(long long)blockIdx.x * inverse_stride];
  float dot = 0;
  for (int c = threadIdx.x; c < columns; c += blockDim.x) {
    dot += dy[c] * gain[c] * x[c] * r;
  }
  float mean = block_sum(dot) / columns;
  for (int c = threadIdx.x; c < columns; c += blockDim.x) {
    dx[c] += r * (dy[c] * gain[c] - x[c] * r * mean);
  }
}
