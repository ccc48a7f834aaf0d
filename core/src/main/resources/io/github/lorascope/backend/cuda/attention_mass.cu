// What a query attends to, without a matrix of queries x keys: its mass over spans of keys, and the
// entropy of its attention in nats. With e_j = exp(s_j - max s) and s_j = scale q k_j over the keys
// that it sees: mass = sum over the span of e / sum e, entropy = log(sum e) - sum e (s - max s) / sum e.
// q, k from the sequence's first rows; spans are pairs of a first key and one past the last;
// y [heads * gridDim.x, spans + 1]. A block a query: gridDim (queries from the first on, heads).
#include "sequence.cuh"

template <class T>
__device__ __forceinline__ void mass(
    const T* q, int q_stride, const T* k, int k_stride, const int* spans, int span_count,
    float* y, int y_stride, int from, int queries, int keys, int group_size, int dim, int window,
    float scale) {
  int query = from + blockIdx.x;
  int last = keys - queries + query;
  int first = window == 0 ? 0 : max(0, last - window + 1);
  q += (long long)query * q_stride + blockIdx.y * dim;
  k += blockIdx.y / group_size * dim;
  y += ((long long)blockIdx.y * gridDim.x + blockIdx.x) * y_stride;
  float largest = -INFINITY;
  for (int key = first + threadIdx.x; key <= last; key += blockDim.x) {
    largest = fmaxf(largest, score(q, k, k_stride, key, dim, scale));
  }
  largest = block_max(largest);
  float total = 0;
  float weighted = 0;
  for (int key = first + threadIdx.x; key <= last; key += blockDim.x) {
    float rest = score(q, k, k_stride, key, dim, scale) - largest;
    float e = expf(rest);
    total += e;
    weighted += e * rest;
  }
  total = block_sum(total);
  weighted = block_sum(weighted);
  for (int span = 0; span < span_count; span++) {
    int end = min(spans[2 * span + 1], last + 1);
    float mass = 0;
    for (int key = max(first, spans[2 * span]) + threadIdx.x; key < end; key += blockDim.x) {
      mass += expf(score(q, k, k_stride, key, dim, scale) - largest);
    }
    mass = block_sum(mass);
    if (threadIdx.x == 0) {
      y[span] = mass / total;
    }
  }
  if (threadIdx.x == 0) {
    y[span_count] = logf(total) - weighted / total;
  }
}

#define DEFINE(T)                                                                               \
  KERNEL attention_mass_##T(                                                                    \
      const T* q, int q_stride, const T* k, int k_stride, const int* spans, int span_count,     \
      float* y, int y_stride, int from, int queries, int keys, int group_size, int dim,         \
      int window, float scale) {                                                                \
    mass(q, q_stride, k, k_stride, spans, span_count, y, y_stride, from, queries, keys,         \
        group_size, dim, window, scale);                                                        \
  }
FOR_TYPES(DEFINE)
