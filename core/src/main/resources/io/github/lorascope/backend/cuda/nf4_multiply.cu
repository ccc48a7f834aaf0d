// y = x W^T for a W in 4 bits and at most FEW rows of x, straight from the codes: a weight costs half
// a byte of memory traffic, where its dequantized form costs two. Both operands are rounded to
// bfloat16, sums are float32. x [rows, inputs] and y [rows, outputs], to which is added where add is
// not 0, both in float32 or both in bfloat16; W [outputs, inputs] with inputs a multiple of BLOCK.
// A block of THREADS threads has OUTPUTS outputs. FEW, OUTPUTS, THREADS and BLOCK come from Java.
// Spills: none.
#include "nf4_scales.cuh"
#include "numbers.cuh"
#include "tensor_core.cuh"

static const int CHUNK = BLOCK;            // inputs at a time: a block of scales
static const int PITCH = (CHUNK + 8) / 2;  // registers a row of a tile: no two rows share banks
static_assert(OUTPUTS == THREADS / 4, "four threads fetch a row of W, and a warp has 8 outputs");
static_assert(CHUNK == 64, "a thread fetches a quarter of a row's 32 bytes");
static_assert(FEW % 16 == 0, "the tensor cores take 16 rows");

template <class T, class Scales>
__device__ __forceinline__ void multiply(
    const T* x, int x_stride, const byte* packed, const float* codebook, Scales scales, T* y,
    int y_stride, int rows, int outputs, int inputs, int add) {
  SHARED(unsigned, tile_x, FEW * PITCH);
  SHARED(unsigned, tile_w, OUTPUTS * PITCH);
  float mine = codebook[threadIdx.x % 16];
  int warp = threadIdx.x / 32;
  int group = threadIdx.x % 32 / 4;
  int quad = threadIdx.x % 4;
  int first = blockIdx.x * OUTPUTS;
  int tiles = (rows + 15) / 16;
  float sums[FEW / 16][4] = {};
  for (int chunk = 0; chunk < inputs; chunk += CHUNK) {
    __syncthreads();
    for (int i = threadIdx.x; i < 16 * tiles * CHUNK / 2; i += blockDim.x) {
      int row = i / (CHUNK / 2);
      int pair = i % (CHUNK / 2);
      const T* from = x + (long long)row * x_stride + chunk + 2 * pair;
      tile_x[row * PITCH + pair] = row < rows ? pack(number(from[0]), number(from[1])) : 0;
    }
    // A quarter of a row's 32 bytes a thread.
    int output = first + threadIdx.x / 4;
    bool inside = output < outputs;
    long long element = (long long)(inside ? output : 0) * inputs + chunk;
    float scale = scales.at(element / BLOCK);
    for (int i = 0; i < 8; i++) {
      int pair = 8 * quad + i;
      unsigned both = packed[element / 2 + pair];
      float high = __fmul_rn(look_up(mine, both >> 4), scale);
      float low = __fmul_rn(look_up(mine, both & 15), scale);
      tile_w[threadIdx.x / 4 * PITCH + pair] = inside ? pack(high, low) : 0;
    }
    __syncthreads();
    for (int k = 0; k < CHUNK / 2; k += 8) {
      const unsigned* w = tile_w + (8 * warp + group) * PITCH + k + quad;
      unsigned b[2] = {w[0], w[4]};
#pragma unroll
      for (int tile = 0; tile < FEW / 16; tile++) {
        if (tile < tiles) {
          const unsigned* upper = tile_x + (16 * tile + group) * PITCH + k + quad;
          const unsigned* lower = upper + 8 * PITCH;
          unsigned a[4] = {upper[0], lower[0], upper[4], lower[4]};
          multiply_add(sums[tile], a, b);
        }
      }
    }
  }
#pragma unroll
  for (int tile = 0; tile < FEW / 16; tile++) {
    for (int i = 0; i < 4; i++) {
      int row = 16 * tile + group + i / 2 * 8;
      int output = first + 8 * warp + 2 * quad + i % 2;
      if (row < rows && output < outputs) {
        T* to = y + (long long)row * y_stride + output;
        put(to, add != 0 ? number(*to) + sums[tile][i] : sums[tile][i]);
      }
    }
  }
}

#define DEFINE(T)                                                                               \
  KERNEL __launch_bounds__(THREADS) nf4_multiply_##T(                                               \
      const byte* packed, const float* codebook, const float* absmax, const T* x, int x_stride, \
      T* y, int y_stride, int rows, int outputs, int inputs, int add) {                         \
    PlainScales scales{absmax};                                                                 \
    multiply(x, x_stride, packed, codebook, scales, y, y_stride, rows, outputs, inputs, add);   \
  }                                                                                             \
  KERNEL __launch_bounds__(THREADS) nf4_nested_multiply_##T(                                        \
      const byte* packed, const float* codebook, const byte* codes, const float* map,           \
      const float* nested, float offset, const T* x, int x_stride, T* y, int y_stride,          \
      int rows, int outputs, int inputs, int add) {                                             \
    NestedScales scales{codes, map, nested, offset};                                            \
    multiply(x, x_stride, packed, codebook, scales, y, y_stride, rows, outputs, inputs, add);   \
  }
FOR_TYPES(DEFINE)
