#include "shared.hpp"

#include <cstring>
#include <string>

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

std::unique_ptr<char[]> unwritten(size_t bytes) {
  std::unique_ptr<char[]> memory(new char[bytes]);
  memset(memory.get(), 0xff, bytes);
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
  dynamic_memory = unwritten(dynamic_bytes);
}

}  // namespace shim
