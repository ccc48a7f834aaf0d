// What a query attends to, without a matrix of queries x keys: its mass over spans of keys, and the
// entropy of its attention in nats. With e_j = exp(s_j - max s) and s_j = scale q k_j over the keys
// that it sees: mass = sum over the span of e / sum e, entropy = log(sum e) - sum e (s - max s) / sum e.
// q, k from the sequence's first rows; spans are pairs of a first key and one past the last;
// y [heads * gridDim.x, spans + 1]. A block a query: gridDim (queries from the first on, heads). Where
// room, numbers of dynamic shared memory, holds all keys that a query sees, their s_j are kept there;
// else each is computed again wherever it is needed.
#include "sequence.cuh"

// scale q k_j, computed by a warp and given to all its lanes.
template <class T>
__device__ __forceinline__ float warp_score(
    const T* q, const T* k, int k_stride, int key, int dim, float scale) {
  const T* row = k + (long long)key * k_stride;
  float dot = 0;
  for (int d = threadIdx.x % 32; d < dim; d += 32) {
    dot += number(q[d]) * number(row[d]);
  }
  return warp_sum(dot) * scale;
}

template <class T>
__device__ __forceinline__ void mass(
    const T* q, int q_stride, const T* k, int k_stride, const int* spans, int span_count,
    float* y, int y_stride, int from, int queries, int keys, int room, int group_size, int dim,
    int window, float scale) {
  DYNAMIC_SHARED(scores);
  int query = from + blockIdx.x;
  int last = keys - queries + query;
  int first = window == 0 ? 0 : max(0, last - window + 1);
  q += (long long)query * q_stride + blockIdx.y * dim;
  k += blockIdx.y / group_size * dim;
  y += ((long long)blockIdx.y * gridDim.x + blockIdx.x) * y_stride;
  bool kept = last - first < room;
  if (kept) {
    for (int key = first + threadIdx.x / 32; key <= last; key += blockDim.x / 32) {
      float s = warp_score(q, k, k_stride, key, dim, scale);
      if (threadIdx.x % 32 == 0) {
        scores[key - first] = s;
      }
    }
    __syncthreads();
  }
  auto score_of = [&](int key) {
    return kept ? scores[key - first] : score(q, k, k_stride, key, dim, scale);
  };
  float largest = -INFINITY;
  for (int key = first + threadIdx.x; key <= last; key += blockDim.x) {
    largest = fmaxf(largest, score_of(key));
  }
  largest = block_max(largest);
  float total = 0;
  float weighted = 0;
  for (int key = first + threadIdx.x; key <= last; key += blockDim.x) {
    float rest = score_of(key) - largest;
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
      mass += expf(score_of(key) - largest);
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
      float* y, int y_stride, int from, int queries, int keys, int room, int group_size,        \
      int dim, int window, float scale) {                                                       \
    mass(q, q_stride, k, k_stride, spans, span_count, y, y_stride, from, queries, keys, room,   \
        group_size, dim, window, scale);                                                        \
  }
FOR_TYPES(DEFINE)
