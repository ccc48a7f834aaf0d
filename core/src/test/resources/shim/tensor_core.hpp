// What tensor_core.cuh has machine instructions for: every lane hands in its part, and copies into
// shared memory arrive no sooner than they are waited for.
#pragma once

#include <vector>

#define TENSOR_CORE_EMULATED

namespace shim {

// What the lanes of a warp have handed in, two registers in a word.
inline void multiply_fragments(
    float d[4], const uint64_t near[32], const uint64_t far[32], const uint64_t right[32]) {
  auto half = [](uint64_t pair, unsigned upper, unsigned odd) {
    return __uint_as_float(unsigned(pair >> (32 * upper + 16 * odd)) << 16);
  };
  unsigned group = shim_lane() / 4, quad = shim_lane() % 4;
  for (unsigned i = 0; i < 4; i++) {
    unsigned row = group + i / 2 * 8, column = 2 * quad + i % 2;
    for (unsigned k = 0; k < 16; k++) {
      unsigned lane = k % 8 / 2;
      uint64_t left = (k < 8 ? near : far)[row % 8 * 4 + lane];
      d[i] += half(left, row / 8, k % 2) * half(right[column * 4 + lane], k / 8, k % 2);
    }
  }
}

}  // namespace shim

__forceinline__ void multiply_add(float d[4], const unsigned a[4], const unsigned b[2]) {
  uint64_t near[32], far[32], right[32];
  shim::exchange(uint64_t(a[1]) << 32 | a[0], near);
  shim::exchange(uint64_t(a[3]) << 32 | a[2], far);
  shim::exchange(uint64_t(b[1]) << 32 | b[0], right);
  shim::multiply_fragments(d, near, far, right);
}

namespace shim {

// Gives a lane the rows of the four matrices whose addresses the lanes hand in.
__forceinline__ void exchange_rows(const uint16_t* mine, const uint16_t* rows[32]) {
  uint64_t all[32];
  if (reinterpret_cast<uintptr_t>(mine) % 16 != 0) {
    fail("a row of a matrix does not begin on 16 bytes");
  }
  if (!is_shared(mine)) {
    fail("a row of a matrix is not in shared memory");
  }
  exchange(reinterpret_cast<uintptr_t>(mine), all);
  for (int lane = 0; lane < 32; lane++) {
    rows[lane] = reinterpret_cast<const uint16_t*>(all[lane]);
  }
}

struct Copy {
  uint16_t* to;
  const uint16_t* from;
  bool wanted;
};

// What a thread of the running block has begun to copy.
struct Copies {
  long block = -1;
  std::vector<Copy> begun;
};

inline Copies& copies() {
  static std::vector<Copies> all(1024);
  Copies& mine = all[thread_index.x];
  if (mine.block != block_number()) {
    mine.block = block_number();
    mine.begun.clear();
  }
  return mine;
}

}  // namespace shim

__forceinline__ void load_matrices(unsigned to[4], const uint16_t* row) {
  const uint16_t* rows[32];
  shim::exchange_rows(row, rows);
  for (unsigned i = 0; i < 4; i++) {
    const uint16_t* from = rows[8 * i + shim_lane() / 4] + 2 * (shim_lane() % 4);
    to[i] = unsigned(from[1]) << 16 | from[0];
  }
  __syncwarp();  // nobody goes on to write before all have read
}

__forceinline__ void load_transposed(unsigned to[4], const uint16_t* row) {
  const uint16_t* rows[32];
  shim::exchange_rows(row, rows);
  for (unsigned i = 0; i < 4; i++) {
    unsigned first = 8 * i + 2 * (shim_lane() % 4), column = shim_lane() / 4;
    to[i] = unsigned(rows[first + 1][column]) << 16 | rows[first][column];
  }
  __syncwarp();
}

inline void copy_16_bytes(uint16_t* to, const uint16_t* from, bool wanted) {
  if ((reinterpret_cast<uintptr_t>(to) | reinterpret_cast<uintptr_t>(from)) % 16 != 0) {
    shim::fail("a copy of 16 bytes does not begin on 16 bytes");
  }
  if (!shim::is_shared(to) || shim::is_shared(from)) {
    shim::fail("a copy is not from global to shared memory");
  }
  shim::copies().begun.push_back({to, from, wanted});
}

namespace shim {

// A block's shared memory may be another's as soon as it ends.
inline void expect_no_copies() {
  if (!copies().begun.empty()) {
    fail("a thread ends without waiting for the copies that it began");
  }
}

}  // namespace shim

inline void wait_for_copies() {
  for (const shim::Copy& copy : shim::copies().begun) {
    if (copy.wanted) {
      memcpy(copy.to, copy.from, 16);
    } else {
      memset(copy.to, 0, 16);
    }
  }
  shim::copies().begun.clear();
}
