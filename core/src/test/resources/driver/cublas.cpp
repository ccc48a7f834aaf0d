// The part of cuBLAS that the backend calls, as its manual says: matrices lie column by column.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>

namespace {

constexpr int SUCCESS = 0, INVALID_VALUE = 7, EXECUTION_FAILED = 13;
constexpr int F32 = 0, BF16 = 14;       // types of numbers
constexpr int IN_F32 = 68;              // how sums are made
constexpr int DEFAULT_ALGORITHM = -1;
constexpr int WHOLE_SUMS = 16;          // a mode: no part of a sum is rounded
constexpr uintptr_t WORKSPACE_UNIT = 256;

struct Handle {
  void* stream = nullptr;
  const void* workspace = nullptr;
  size_t workspace_bytes = 0;
  int mode = 0;
};

template <class T>
void append(std::string& command, T value) {
  command.append(reinterpret_cast<const char*>(&value), sizeof value);
}

// Column by column it is what its transpose is row by row.
void operand(std::string& command, const void* matrix, int stride, int type, bool transposed) {
  append(command, matrix);
  append(command, stride);
  append(command, char(type == BF16));
  append(command, char(transposed));
}

}  // namespace

extern "C" {

// Of the driver's stand-in.
int standin_holds(const void* address, size_t bytes);
int standin_multiply(const void* product, size_t bytes, void* stream);

int cublasCreate_v2(Handle** handle) {
  *handle = new Handle;
  return SUCCESS;
}

int cublasDestroy_v2(Handle* handle) {
  delete handle;
  return SUCCESS;
}

int cublasSetStream_v2(Handle* handle, void* stream) {
  handle->stream = stream;
  handle->workspace = nullptr;
  return SUCCESS;
}

int cublasSetMathMode(Handle* handle, int mode) {
  handle->mode = mode;
  return SUCCESS;
}

int cublasSetWorkspace_v2(Handle* handle, void* memory, size_t bytes) {
  handle->workspace = memory;
  handle->workspace_bytes = bytes;
  return reinterpret_cast<uintptr_t>(memory) % WORKSPACE_UNIT == 0 ? SUCCESS : INVALID_VALUE;
}

const char* cublasGetStatusString(int) { return "a status of the stand-in"; }

int cublasGemmEx(Handle* handle, int transposed_a, int transposed_b, int rows, int columns,
    int inner, const float* alpha, const void* a, int type_a, int stride_a, const void* b,
    int type_b, int stride_b, const float* beta, void* c, int type_c, int stride_c, int sums,
    int algorithm) {
  bool types = type_a == type_b && (type_a == BF16 || type_a == F32)
      && (type_c == F32 || (type_c == BF16 && type_a == BF16));
  bool strides = stride_a >= (transposed_a ? inner : rows)
      && stride_b >= (transposed_b ? columns : inner) && stride_c >= rows;
  if (!types || !strides || sums != IN_F32 || algorithm != DEFAULT_ALGORITHM
      || handle->mode != WHOLE_SUMS || !standin_holds(handle->workspace, handle->workspace_bytes)) {
    fprintf(stderr, "cuBLAS' stand-in refuses a product\n");
    return INVALID_VALUE;
  }
  std::string product;  // c^T = b^T a^T
  for (int size : {columns, rows, inner}) {
    append(product, size);
  }
  append(product, *alpha);
  append(product, *beta);
  operand(product, b, stride_b, type_b, transposed_b);
  operand(product, a, stride_a, type_a, transposed_a);
  operand(product, c, stride_c, type_c, false);
  return standin_multiply(product.data(), product.size(), handle->stream) == SUCCESS
      ? SUCCESS
      : EXECUTION_FAILED;
}

}  // extern "C"
