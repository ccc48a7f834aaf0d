// Rotary position embedding in place (Su et al., RoFormer, 2021): of each head, number i and number
// i + half turn by the angle of the token's position; what a head holds beyond 2 half stays.
// x [gridDim.x, heads * head_dim], cos and sin [positions, half].
#include "common.cuh"

KERNEL rope(
    float* x, int x_stride, int heads, int head_dim, const float* cos, int cos_stride,
    const float* sin, int sin_stride, const int* positions, int half, float direction) {
  x += (long long)blockIdx.x * x_stride;
  long long position = positions[blockIdx.x];
  for (int pair = threadIdx.x; pair < heads * half; pair += blockDim.x) {
    int i = pair % half;
    float* at = x + pair / half * head_dim + i;
    float c = cos[position * cos_stride + i];
    float s = sin[position * sin_stride + i] * direction;
    float a = at[0];
    float b = at[half];
    at[0] = a * c - b * s;
    at[half] = b * c + a * s;
  }
}
