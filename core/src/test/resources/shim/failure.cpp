#include "failure.hpp"

#include <sanitizer/common_interface_defs.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace shim {

namespace {

std::string kernel;

}  // namespace

void begin_kernel(const std::string& name) { kernel = name; }

void fail(const std::string& what) {
  fprintf(stderr, "%s: %s\n", kernel.c_str(), what.c_str());
  abort();
}

std::string place(const void* return_address) {
  char calls[4096] = {};
  __sanitizer_symbolize_pc(
      (char*)return_address - 1, "  %f %s:%l\n", calls, sizeof calls - 1);
  std::string lines = "\n";
  for (const char* call = calls; *call != 0; call += strlen(call) + 1) {
    lines += call;
  }
  return lines;
}

}  // namespace shim
