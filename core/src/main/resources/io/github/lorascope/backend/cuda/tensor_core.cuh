// Products of small matrices on the tensor cores, their operands from shared memory, and copies
// into it that go on while a warp computes (sm_80 and later).
#pragma once
#include "common.cuh"

#ifdef TENSOR_CORE_EMULATED

// Two numbers in a register, the first in the lower half; as the instruction below but for NaN.
__device__ __forceinline__ unsigned pack(float low, float high) {
  return (unsigned)to_bf16(high) << 16 | to_bf16(low);
}

#else

// Two numbers in a register, the first in the lower half.
__device__ __forceinline__ unsigned pack(float low, float high) {
  unsigned both;
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(both) : "f"(high), "f"(low));
  return both;
}

// d += a b for a warp, a [16, 16] row by row and b [16, 8] column by column in bfloat16, two to a
// register, d [16, 8] in float32. With g = lane / 4 and q = lane % 4 a lane has of a the rows g and
// g + 8 at columns 2q, 2q + 1 (a[0], a[1]) and 2q + 8, 2q + 9 (a[2], a[3]), of b column g at rows
// 2q, 2q + 1 (b[0]) and 2q + 8, 2q + 9 (b[1]), of d the rows g (d[0], d[1]) and g + 8 (d[2], d[3])
// at columns 2q and 2q + 1 (PTX ISA, mma.m16n8k16).
__device__ __forceinline__ void multiply_add(
    float d[4], const unsigned a[4], const unsigned b[2]) {
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 "
      "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

__device__ __forceinline__ unsigned shared_address(const bf16* at) {
  return (unsigned)__cvta_generic_to_shared(at);
}

// Four matrices [8, 8] of bfloat16 from shared memory: lane l says where row l % 8 of matrix l / 8
// begins, on 16 bytes, and gets of matrix i, in to[i], the numbers 2q and 2q + 1 of row g (PTX ISA,
// ldmatrix).
__device__ __forceinline__ void load_matrices(unsigned to[4], const bf16* row) {
  asm volatile(
      "ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
      : "=r"(to[0]), "=r"(to[1]), "=r"(to[2]), "=r"(to[3])
      : "r"(shared_address(row)) : "memory");
}

// The same of the matrices' transposes: of matrix i the numbers of column g in rows 2q and 2q + 1.
__device__ __forceinline__ void load_transposed(unsigned to[4], const bf16* row) {
  asm volatile(
      "ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
      : "=r"(to[0]), "=r"(to[1]), "=r"(to[2]), "=r"(to[3])
      : "r"(shared_address(row)) : "memory");
}

// Begins to copy 16 bytes, on 16 bytes, to shared memory, or zeros where they are not wanted.
__device__ __forceinline__ void copy_16_bytes(bf16* to, const bf16* from, bool wanted) {
  asm volatile(
      "cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(shared_address(to)), "l"(from),
      "r"(wanted ? 16 : 0) : "memory");
}

// Waits for the copies that this thread began; others see them behind a barrier.
__device__ __forceinline__ void wait_for_copies() {
  asm volatile("cp.async.wait_all;" ::: "memory");
}

#endif
