// Float32 to 4-bit NormalFloat (Dettmers et al., QLoRA, 2023), bit-compatible with bitsandbytes: a
// block of 64 elements is divided by its largest magnitude, and each goes to the nearest of 16
// values; of two equally near to the lower. Products are rounded one by one, as on all backends.
#include "common.cuh"

// How many borders between ascending values lie below; of the last value no border is asked.
__device__ __forceinline__ int nearest(const float* borders, int count, float value) {
  int code = 0;
  for (int i = 0; i < count; i++) {
    code += value > borders[i];
  }
  return code;
}

// A warp a block of 64, two elements a lane: byte i of packed has elements 2i and 2i + 1, the first
// in the high nibble. A code beyond the end is that of zero, 7. bad receives the index of some
// element that is NaN or infinite, if there is one.
KERNEL nf4_quantize(
    const float* x, const float* borders, byte* packed, float* absmax, long long elements,
    long long* bad) {
  long long block = ((long long)blockIdx.x * blockDim.x + threadIdx.x) / 32;
  long long first = 64 * block + threadIdx.x % 32 * 2;
  float high = first < elements ? x[first] : 0;
  float low = first + 1 < elements ? x[first + 1] : 0;
  if (!(fabsf(high) < INFINITY)) {
    *bad = first;
  } else if (!(fabsf(low) < INFINITY)) {
    *bad = first + 1;
  }
  float largest = warp_max(fmaxf(fabsf(high), fabsf(low)));
  float inverse = __fdiv_rn(1.0f, largest);
  if (!(inverse < INFINITY)) {  // no more than the smallest numbers there are
    high = largest == 0 ? 0 : __fdiv_rn(high, largest);
    low = largest == 0 ? 0 : __fdiv_rn(low, largest);
    inverse = 1;
  }
  if (first < elements) {
    int code = nearest(borders, 15, __fmul_rn(high, inverse));
    int next = first + 1 < elements ? nearest(borders, 15, __fmul_rn(low, inverse)) : 7;
    packed[first / 2] = (byte)(code << 4 | next);
  }
  if (threadIdx.x % 32 == 0 && 64 * block < elements) {
    absmax[block] = largest;
  }
}

// Double quantization: what is left of a scale after subtracting the mean, relative to the largest
// of 256 neighbours, goes to the nearest of the 256 values of map. A block of 256 threads a block.
KERNEL nf4_quantize_scales(
    const float* absmax, float mean, const float* map, byte* codes, float* nested, int blocks) {
  int block = blockIdx.x * 256 + threadIdx.x;
  float rest = block < blocks ? __fadd_rn(absmax[block], -mean) : 0;
  float largest = block_max(fabsf(rest));
  if (threadIdx.x == 0) {
    nested[blockIdx.x] = largest;
  }
  if (block < blocks) {
    float scaled = largest == 0 ? 0 : __fdiv_rn(rest, largest);
    int above = 0;  // the first value that is not below
    for (int step = 128; step > 0; step /= 2) {
      above += map[above + step - 1] < scaled ? step : 0;
    }
    bool lower = above > 0 && map[above] != scaled
        && !(__fadd_rn(map[above], -scaled) < __fadd_rn(scaled, -map[above - 1]));
    codes[block] = (byte)(above - lower);
  }
}
