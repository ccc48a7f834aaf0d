#include "state.hpp"

#include <cstdio>

namespace driver {

std::mutex mutex;
Context* context;

bool Context::holds(uint64_t address, size_t bytes) const {
  auto next = allocations.upper_bound(address);
  if (next == allocations.begin()) {
    return false;
  }
  auto& [begin, size] = *--next;
  return address + bytes <= begin + size;
}

bool Context::is_pinned(const void* address, size_t bytes) const {
  auto* from = static_cast<const char*>(address);
  for (auto& [begin, size] : pinned) {
    if (from >= begin && from + bytes <= begin + size) {
      return true;
    }
  }
  return false;
}

Status Context::wait(uint64_t asked) {
  stream.do_until(asked);
  process.wait();
  return status();
}

Status refuse(Status status, const char* what) {
  fprintf(stderr, "the driver's stand-in refuses %s (%d)\n", what, status);
  if (context != nullptr) {
    context->refusals++;
  }
  return status;
}

}  // namespace driver
