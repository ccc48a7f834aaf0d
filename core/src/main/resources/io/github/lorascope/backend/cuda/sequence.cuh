// What all attention kernels share: who attends to whom.
#pragma once
#include "numbers.cuh"

// Causal attention over packed sequences; query i of a sequence sees the keys from first_key(i) to
// last_key(i), counted from the sequence's first.
struct Sequence {
  long long first_query;
  long long first_row;  // of the keys
  int queries;
  int keys;
  int window;

  __device__ Sequence(const int* query_offsets, const int* key_offsets, int s, int window)
      : first_query(query_offsets[s]),
        first_row(key_offsets[s]),
        queries(query_offsets[s + 1] - query_offsets[s]),
        keys(key_offsets[s + 1] - key_offsets[s]),
        window(window) {}

  __device__ int last_key(int query) const { return keys - queries + query; }

  __device__ int first_key(int query) const {
    return window == 0 ? 0 : max(0, last_key(query) - window + 1);
  }

  __device__ bool sees(int query, int key) const {
    return query < queries && key <= last_key(query) && key >= first_key(query);
  }

  // Whether each of some queries, those beyond the last counted too, sees each of some keys.
  __device__ bool all_seen(int query, int query_count, int key, int key_count) const {
    return key + key_count - 1 <= last_key(query) && key >= first_key(query + query_count - 1);
  }
};

// scale q k_j of a query and a row of keys in global memory.
template <class T>
__device__ __forceinline__ float score(
    const T* q, const T* k, int k_stride, int key, int dim, float scale) {
  const T* row = k + (long long)key * k_stride;
  float dot = 0;
  for (int d = 0; d < dim; d++) {
    dot += number(q[d]) * number(row[d]);
  }
  return dot * scale;
}

// One kernel for each width of a head; narrower heads are padded with zeros.
#define FOR_HEAD_WIDTHS(DEFINE) DEFINE(32) DEFINE(64) DEFINE(96) DEFINE(128)
