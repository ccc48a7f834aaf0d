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
static_assert(THREADS % (CHUNK / 2) == 0, "a thread fetches the same columns of every row");

static const int ROWS = THREADS / (CHUNK / 2);  // of x that the threads fetch at once, a pair each
static const int PAIRS = FEW / ROWS;

// A thread's part of what a block fetches for some inputs: pairs of x, and a quarter of a row's 32
// bytes of W with the row's scale.
template <class T, class Scales>
struct Part {
  T x[2 * PAIRS];
  Run<8, byte> codes;
  typename Scales::Fetched scale;
};

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
  int my_row = threadIdx.x / (CHUNK / 2);
  int my_pair = threadIdx.x % (CHUNK / 2);
  bool inside = first + (int)threadIdx.x / 4 < outputs;
  long long row_of_w = inside ? first + threadIdx.x / 4 : 0;
  Part<T, Scales> part;
  auto fetch = [&](int chunk) {
#pragma unroll
    for (int i = 0; i < PAIRS; i++) {
      int row = i * ROWS + my_row;
      const T* from = x + (long long)row * x_stride + chunk + 2 * my_pair;
      part.x[2 * i] = row < rows ? from[0] : T(0);
      part.x[2 * i + 1] = row < rows ? from[1] : T(0);
    }
    long long element = row_of_w * inputs + chunk;
    part.codes = *reinterpret_cast<const Run<8, byte>*>(packed + element / 2 + 8 * quad);
    part.scale = scales.fetch(element / BLOCK);
  };
  float sums[FEW / 16][4] = {};
  fetch(0);
  for (int chunk = 0; chunk < inputs; chunk += CHUNK) {
    __syncthreads();
#pragma unroll
    for (int i = 0; i < PAIRS; i++) {
      int row = i * ROWS + my_row;
      if (row < 16 * tiles) {
        tile_x[row * PITCH + my_pair] = pack(number(part.x[2 * i]), number(part.x[2 * i + 1]));
      }
    }
    float scale = scales.value(part.scale);
#pragma unroll
    for (int i = 0; i < 8; i++) {
      unsigned both = part.codes.numbers[i];
      float high = __fmul_rn(look_up(mine, both >> 4), scale);
      float low = __fmul_rn(look_up(mine, both & 15), scale);
      tile_w[threadIdx.x / 4 * PITCH + 8 * quad + i] = inside ? pack(high, low) : 0;
    }
    __syncthreads();
    if (chunk + CHUNK < inputs) {
      fetch(chunk + CHUNK);  // which arrives while these are multiplied
    }
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
