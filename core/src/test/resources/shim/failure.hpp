// Tells what a kernel did wrong.
#pragma once

#include <string>

namespace shim {

// The kernel that runs from now on.
void begin_kernel(const std::string& name);

// Ends the process with the kernel's name and what was wrong.
[[noreturn]] void fail(const std::string& what);

}  // namespace shim
