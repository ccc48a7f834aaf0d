// The matrix of attention weights of one sequence, for who wants to look at it: p_ij =
// softmax_j(scale q_i k_j), zero where a query does not see a key.
// q, k from the sequence's first rows; p [heads * queries, keys]. gridDim (queries, heads).
#include "sequence.cuh"

template <class T>
__device__ __forceinline__ void weights(
    const T* q, int q_stride, const T* k, int k_stride, float* p, int p_stride,
    int queries, int keys, int group_size, int dim, int window, float scale) {
  int last = keys - queries + blockIdx.x;
  int first = window == 0 ? 0 : max(0, last - window + 1);
  q += (long long)blockIdx.x * q_stride + blockIdx.y * dim;
  k += blockIdx.y / group_size * dim;
  p += ((long long)blockIdx.y * queries + blockIdx.x) * p_stride;
  float largest = -INFINITY;
  for (int key = threadIdx.x; key < keys; key += blockDim.x) {
    bool seen = key >= first && key <= last;
    p[key] = seen ? score(q, k, k_stride, key, dim, scale) : -INFINITY;
    largest = fmaxf(largest, p[key]);
  }
  largest = block_max(largest);
  float total = 0;
  for (int key = threadIdx.x; key < keys; key += blockDim.x) {
    p[key] = expf(p[key] - largest);
    total += p[key];
  }
  total = block_sum(total);
  for (int key = threadIdx.x; key < keys; key += blockDim.x) {
    p[key] /= total;
  }
}

#define DEFINE(T)                                                                                \
  KERNEL attention_weights_##T(                                                                  \
      const T* q, int q_stride, const T* k, int k_stride, float* p, int p_stride, int queries,   \
      int keys, int group_size, int dim, int window, float scale) {                              \
    weights(q, q_stride, k, k_stride, p, p_stride, queries, keys, group_size, dim, window, scale); \
  }
FOR_TYPES(DEFINE)
