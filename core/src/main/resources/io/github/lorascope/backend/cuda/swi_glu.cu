// y = g s(g) u with s the logistic function (Shazeer, GLU Variants Improve Transformer, 2020), and
// its gradient; all [gridDim.x, columns], float32 or bfloat16.
#include "numbers.cuh"

__device__ __forceinline__ float logistic(float x) { return 1 / (1 + expf(-x)); }

template <int N, class T>
__device__ __forceinline__ void forward(
    const T* gate, int gate_stride, const T* up, int up_stride, T* y, int y_stride, int columns) {
  long long row = blockIdx.x;
  FOR_RUNS(N, c, columns) {
    float g[N], u[N];
    read<N>(gate + row * gate_stride + c, g);
    read<N>(up + row * up_stride + c, u);
    for (int i = 0; i < N; i++) {
      u[i] *= g[i] * logistic(g[i]);
    }
    write<N>(u, y + row * y_stride + c);
  }
}

// dg = dy u s(g) (1 + g (1 - s(g))) and du = dy g s(g); dg may be g, and du u.
template <int N, class T>
__device__ __forceinline__ void backward(
    const T* dy, int dy_stride, const T* gate, int gate_stride, const T* up, int up_stride,
    T* d_gate, int d_gate_stride, T* d_up, int d_up_stride, int columns) {
  long long row = blockIdx.x;
  FOR_RUNS(N, c, columns) {
    float d[N], g[N], u[N];
    read<N>(dy + row * dy_stride + c, d);
    read<N>(gate + row * gate_stride + c, g);
    read<N>(up + row * up_stride + c, u);
    for (int i = 0; i < N; i++) {
      float s = logistic(g[i]);
      u[i] *= d[i] * s * (1 + g[i] * (1 - s));
      d[i] *= g[i] * s;
    }
    write<N>(u, d_gate + row * d_gate_stride + c);
    write<N>(d, d_up + row * d_up_stride + c);
  }
}

#define DEFINE(T)                                                                              \
  KERNEL swi_glu_##T(                                                                          \
      const T* gate, int gate_stride, const T* up, int up_stride, T* y, int y_stride,          \
      int columns, int wide) {                                                                 \
    wide != 0 ? forward<4>(gate, gate_stride, up, up_stride, y, y_stride, columns)             \
              : forward<1>(gate, gate_stride, up, up_stride, y, y_stride, columns);            \
  }                                                                                            \
  KERNEL swi_glu_backward_##T(                                                                 \
      const T* dy, int dy_stride, const T* gate, int gate_stride, const T* up, int up_stride,  \
      T* d_gate, int d_gate_stride, T* d_up, int d_up_stride, int columns, int wide) {         \
    wide != 0 ? backward<4>(dy, dy_stride, gate, gate_stride, up, up_stride, d_gate,           \
                    d_gate_stride, d_up, d_up_stride, columns)                                 \
              : backward<1>(dy, dy_stride, gate, gate_stride, up, up_stride, d_gate,           \
                    d_gate_stride, d_up, d_up_stride, columns);                                \
  }
FOR_TYPES(DEFINE)
