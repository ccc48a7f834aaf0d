// Rotary position embedding in place (Su et al., RoFormer, 2021): of each head, number i and number
// i + half turn by the angle of the token's position; what a head holds beyond 2 half stays.
// x [gridDim.x, heads * head_dim] in float32 or bfloat16, cos and sin [positions, half].
#include "numbers.cuh"

template <int N, class T>
__device__ __forceinline__ void rotate(
    T* x, int heads, int head_dim, const float* cos, const float* sin, int half, float direction) {
  FOR_RUNS_OF_BLOCK(N, pair, heads * half) {
    int column = pair % half;
    T* at = x + pair / half * head_dim + column;
    float a[N], b[N], c[N], s[N];
    read<N>(at, a);
    read<N>(at + half, b);
    read<N>(cos + column, c);
    read<N>(sin + column, s);
    for (int i = 0; i < N; i++) {
      float turn = s[i] * direction;
      float first = a[i];
      a[i] = first * c[i] - b[i] * turn;
      b[i] = b[i] * c[i] + first * turn;
    }
    write<N>(a, at);
    write<N>(b, at + half);
  }
}

#define DEFINE(T)                                                                               \
  KERNEL rope_##T(                                                                              \
      T* x, int x_stride, int heads, int head_dim, const float* cos, int cos_stride,            \
      const float* sin, int sin_stride, const int* positions, float direction, int half,        \
      int wide) {                                                                               \
    x += (long long)blockIdx.x * x_stride;                                                      \
    cos += (long long)positions[blockIdx.x] * cos_stride;                                       \
    sin += (long long)positions[blockIdx.x] * sin_stride;                                       \
    wide != 0 && head_dim % 4 == 0 ? rotate<4>(x, heads, head_dim, cos, sin, half, direction)   \
                                   : rotate<1>(x, heads, head_dim, cos, sin, half, direction);  \
  }
FOR_TYPES(DEFINE)
