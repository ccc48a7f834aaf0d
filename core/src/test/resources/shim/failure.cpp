#include "failure.hpp"

#include <cstdio>
#include <cstdlib>

namespace shim {

namespace {

std::string kernel;

}  // namespace

void begin_kernel(const std::string& name) { kernel = name; }

void fail(const std::string& what) {
  fprintf(stderr, "%s: %s\n", kernel.c_str(), what.c_str());
  abort();
}

}  // namespace shim
