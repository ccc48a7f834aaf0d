// The product of small matrices on the tensor cores (sm_80 and later).
#pragma once

// d += a b for a warp, a [16, 16] row by row and b [16, 8] column by column in bfloat16, two to a
// register, d [16, 8] in float32. With g = lane / 4 and q = lane % 4 a lane has of a the rows g and
// g + 8 at columns 2q, 2q + 1 (a[0], a[1]) and 2q + 8, 2q + 9 (a[2], a[3]), of b column g at rows
// 2q, 2q + 1 (b[0]) and 2q + 8, 2q + 9 (b[1]), of d the rows g (d[0], d[1]) and g + 8 (d[2], d[3])
// at columns 2q and 2q + 1 (PTX ISA, mma.m16n8k16).
#ifndef TENSOR_CORE_EMULATED
__device__ __forceinline__ void multiply_add(
    float d[4], const unsigned a[4], const unsigned b[2]) {
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 "
      "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}
#endif
