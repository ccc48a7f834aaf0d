#include "failure.hpp"

#include <sanitizer/common_interface_defs.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace shim {

namespace {

std::string kernel;

// Within a signal, only what the system does itself is safe.
void end_of_time(int) {
  constexpr char what[] = " does not end\n";
  bool said = write(STDERR_FILENO, kernel.data(), kernel.size()) >= 0
      && write(STDERR_FILENO, what, sizeof what - 1) >= 0;
  _exit(said ? 1 : 2);
}

}  // namespace

void begin_kernel(const std::string& name, unsigned seconds) {
  kernel = name;
  signal(SIGALRM, end_of_time);
  alarm(seconds);
}

void end_kernel() { alarm(0); }

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
