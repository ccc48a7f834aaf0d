#include "shared.hpp"

#include <cstring>
#include <string>
#include <vector>

#include "failure.hpp"

namespace shim {

namespace {

// CudaDevice asks for more than the first where the dynamic part alone is more; the second is all
// that a block may have on sm_86, sm_89 and sm_120.
constexpr size_t WITHOUT_ASKING = 48 * 1024;
constexpr size_t LARGEST = 99 * 1024;

long launches;
long blocks;
size_t dynamic_bytes;
size_t declared_bytes;
std::unique_ptr<char[]> dynamic_memory;


struct Array {
  const char* begin;
  size_t bytes;
};

std::vector<Array> arrays;  // of the block

std::unique_ptr<char[]> unwritten(size_t bytes) {
  std::unique_ptr<char[]> memory(new char[bytes]);
  memset(memory.get(), 0xff, bytes);
  arrays.push_back({memory.get(), bytes});
  return memory;
}

void check() {
  size_t most = dynamic_bytes > WITHOUT_ASKING ? LARGEST : WITHOUT_ASKING;
  if (dynamic_bytes + declared_bytes > most) {
    fail("a block has " + std::to_string(dynamic_bytes) + " bytes of dynamic shared memory and "
        + std::to_string(declared_bytes) + " declared, more than " + std::to_string(most));
  }
}

}  // namespace

long block_number() { return blocks; }

float* shared() { return reinterpret_cast<float*>(dynamic_memory.get()); }

bool is_shared(const void* address) {
  for (const Array& array : arrays) {
    if (address >= array.begin && address < array.begin + array.bytes) {
      return true;
    }
  }
  return false;
}

void* Declaration::in_this_block(size_t bytes) {
  if (block != blocks) {
    block = blocks;
    memory = unwritten(bytes);
    if (launch != launches) {
      launch = launches;
      declared_bytes += bytes;
      check();
    }
  }
  return memory.get();
}

void begin_shared(size_t bytes) {
  launches++;
  dynamic_bytes = bytes;
  declared_bytes = 0;
  check();
}

void begin_shared_of_block() {
  blocks++;
  arrays.clear();
  dynamic_memory = unwritten(dynamic_bytes);
}

}  // namespace shim
