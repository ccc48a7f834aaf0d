// AdamW (Loshchilov and Hutter, 2019) as PyTorch computes it, over all parameters of an adapter in
// one launch: m = b1 m + (1 - b1) g, v = b2 v + (1 - b2) g^2, p -= lr decay p,
// p -= lr / c1 m / (sqrt(v / c2) + epsilon). All [gridDim.x, columns].
#include "common.cuh"

KERNEL adam_w(
    float* parameters, int p_stride, const float* gradients, int g_stride, float* moment1,
    int m_stride, float* moment2, int v_stride, int columns, float beta1, float rest1, float beta2,
    float rest2, float epsilon, float decay, float step, float root_correction2) {
  long long row = blockIdx.x;
  FOR_COLUMNS(c, columns) {
    float g = gradients[row * g_stride + c];
    float m = beta1 * moment1[row * m_stride + c] + rest1 * g;
    float v = beta2 * moment2[row * v_stride + c] + rest2 * g * g;
    float p = parameters[row * p_stride + c];
    moment1[row * m_stride + c] = m;
    moment2[row * v_stride + c] = v;
    parameters[row * p_stride + c] =
        p - decay * p - step * m / (sqrtf(v) / root_correction2 + epsilon);
  }
}
