// Mistakes that the shim must not let pass: 64 threads, y [128].
#include "common.cuh"
#include "tensor_core.cuh"

KERNEL fault_none(float* y) {
  y[threadIdx.x] = block_sum(1.0f);
  y[64 + threadIdx.x] = block_sum(2.0f);
}

// Right: the compiler must not make two calls of one, for those who are first and those who are not.
KERNEL fault_none_of_calls(float* y) {
  bool first = threadIdx.x % 32 == 0;
  if (first) {
    y[0] = 1;
  }
  __syncthreads();
  if (first) {
    y[1] = y[0];
  }
}

// Right: a product and a sum, of three equal numbers, rounded once, twice and twice.
KERNEL fault_none_of_rounding(float* y) {
  float a = y[0];
  float b = y[1];
  float c = y[2];
  float d = y[3];
  if (threadIdx.x == 0) {
    y[0] = a * a + d;
    y[1] = __fmul_rn(b, b) + d;
    y[2] = __fadd_rn(c * c, d);
  }
}

KERNEL fault_global(float* y) { y[threadIdx.x + 128] = 0; }

// 2 KB beyond, where the sanitizer's own allocator would have another array of 512 bytes.
KERNEL fault_far(float* y) { y[threadIdx.x + 640] = 0; }

KERNEL fault_far_before(float* y) { y[(int)threadIdx.x - 640] = 0; }

KERNEL fault_dynamic(float* y) {
  DYNAMIC_SHARED(numbers);
  numbers[threadIdx.x + 1] = 0;
  y[0] = numbers[0];
}

KERNEL fault_declared(float* y) {
  SHARED(float, numbers, 64);
  numbers[threadIdx.x + 1] = 0;
  y[0] = numbers[0];
}

// Right by itself: what is too much, a launch adds.
KERNEL fault_shared(float* y) {
  SHARED(float, numbers, 64);
  numbers[threadIdx.x] = 1;
  y[threadIdx.x] = numbers[threadIdx.x];
}

KERNEL fault_undefined(float* y) {
  SHARED(float, numbers, 128);
  numbers[threadIdx.x] = 1;
  __syncthreads();
  y[threadIdx.x] = numbers[127 - threadIdx.x];
}

// A warp that is ahead writes what another has still to read.
KERNEL fault_barrier(float* y) {
  SHARED(float, numbers, 2);
  for (int i = 0; i < 2; i++) {
    float value = warp_sum((float)(threadIdx.x + 100 * i));
    if (threadIdx.x % 32 == 0) {
      numbers[threadIdx.x / 32] = value;
    }
    __syncthreads();
    y[64 * i + threadIdx.x] = warp_sum(numbers[(threadIdx.x / 32 + 1) % 2]);
  }
}

KERNEL fault_lanes(float* y) {
  if (threadIdx.x % 32 < 16) {
    y[0] = warp_sum(1.0f);
  }
}

// The lanes of a warp exchange something, but not by the same call.
KERNEL fault_exchange(float* y) {
  float sum = threadIdx.x % 2 == 0 ? warp_sum(1.0f) : warp_sum(2.0f);
  y[threadIdx.x] = sum;
}

KERNEL fault_exchange_kinds(float* y) {
  if (threadIdx.x % 2 == 0) {
    __syncwarp();
  } else {
    y[threadIdx.x] = __shfl_sync(WARP, 1.0f, 0);
  }
}

KERNEL fault_exchange_of_fragments(float* y) {
  float d[4] = {};
  unsigned a[4] = {};
  unsigned b[2] = {};
  if (threadIdx.x % 2 == 0) {
    multiply_add(d, a, b);
  } else {
    d[0] = 1;
    multiply_add(d, a, b);
  }
  y[threadIdx.x] = d[0];
}

KERNEL fault_mask(float* y) { y[threadIdx.x] = __shfl_sync(0xffffu, 1.0f, 0); }

KERNEL fault_mask_of_barrier(float*) { __syncwarp(0xffffu); }

// Warps wait for each other, but not by the same call.
KERNEL fault_barrier_places(float* y) {
  if (threadIdx.x < 32) {
    y[threadIdx.x] = 1;
    __syncthreads();
  } else {
    __syncthreads();
    y[threadIdx.x] = 2;
  }
}

// Eight bytes are read and written where an address is a multiple of eight.
KERNEL fault_alignment(float* y) { *(double*)(y + 1) = 0; }

// Rows of matrices and copies begin on sixteen bytes, and lie where the instructions look for them.
KERNEL fault_row(float* y) {
  SHARED(float, numbers, 128);
  unsigned fragment[4];
  load_matrices(fragment, (const bf16*)numbers + 4);
  y[threadIdx.x] = fragment[0];
}

KERNEL fault_row_elsewhere(float* y) {
  unsigned fragment[4];
  load_matrices(fragment, (const bf16*)y);
  y[threadIdx.x] = fragment[0];
}

KERNEL fault_copy(float* y) {
  SHARED(float, numbers, 128);
  copy_16_bytes((bf16*)numbers + 4, (const bf16*)y, true);
}

KERNEL fault_copy_elsewhere(float* y) {
  copy_16_bytes((bf16*)y, (const bf16*)y + 64, true);
}

KERNEL fault_copies(float* y) {
  SHARED(float, numbers, 256);
  copy_16_bytes((bf16*)(numbers + 4 * threadIdx.x), (const bf16*)y, true);
}

// What is copied is there when it has been waited for, and need not be before.
KERNEL fault_early(float* y) {
  SHARED(float, numbers, 256);
  float* mine = numbers + 4 * threadIdx.x;
  y[threadIdx.x] = 1;
  __syncthreads();
  copy_16_bytes((bf16*)mine, (const bf16*)(y + 4 * (threadIdx.x % 16)), true);
  float before = mine[0];
  wait_for_copies();
  float after = mine[0];
  __syncthreads();
  y[threadIdx.x] = before;
  y[64 + threadIdx.x] = after;
}

KERNEL fault_overflow(float* y) {
  int index = 0x7fffffff;
  index += (int)blockDim.x;
  y[index & 1] = 0;
}

KERNEL __launch_bounds__(32, 1) fault_bounds(float* y) { y[threadIdx.x] = 0; }

// Nobody writes what the threads wait for.
KERNEL fault_endless(float* y) {
  while (((volatile float*)y)[threadIdx.x] != 1) {
  }
}
