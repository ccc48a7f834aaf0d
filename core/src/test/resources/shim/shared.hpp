// Shared memory of the block that runs. Each array is an allocation of its own, so that the
// sanitizer sees what lies beyond, and holds NaN when a block begins.
#pragma once

#include <cstddef>
#include <memory>

namespace shim {

// Which block runs, counted from the start.
long block_number();

// The dynamic shared memory.
float* shared();

// Whether something lies in shared memory.
bool is_shared(const void* address);

// A declaration of a shared array.
struct Declaration {
  long launch = -1;
  long block = -1;
  std::unique_ptr<char[]> memory;

  void* in_this_block(size_t bytes);
};

// What a launch asks for beyond what its kernel declares.
void begin_shared(size_t dynamic_bytes);

void begin_shared_of_block();

}  // namespace shim
