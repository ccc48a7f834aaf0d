// y = g s(g) u with s the logistic function (Shazeer, GLU Variants Improve Transformer, 2020), and
// its gradient; all [gridDim.x, columns].
#include "common.cuh"

__device__ __forceinline__ float logistic(float x) { return 1 / (1 + expf(-x)); }

KERNEL swi_glu(
    const float* gate, int gate_stride, const float* up, int up_stride, float* y, int y_stride,
    int columns) {
  long long row = blockIdx.x;
  FOR_COLUMNS(c, columns) {
    float g = gate[row * gate_stride + c];
    y[row * y_stride + c] = g * logistic(g) * up[row * up_stride + c];
  }
}

// dg = dy u s(g) (1 + g (1 - s(g))) and du = dy g s(g); dg may be g, and du u.
KERNEL swi_glu_backward(
    const float* dy, int dy_stride, const float* gate, int gate_stride, const float* up,
    int up_stride, float* d_gate, int d_gate_stride, float* d_up, int d_up_stride, int columns) {
  long long row = blockIdx.x;
  FOR_COLUMNS(c, columns) {
    float d = dy[row * dy_stride + c];
    float g = gate[row * gate_stride + c];
    float u = up[row * up_stride + c];
    float s = logistic(g);
    d_gate[row * d_gate_stride + c] = d * u * s * (1 + g * (1 - s));
    d_up[row * d_up_stride + c] = d * g * s;
  }
}
