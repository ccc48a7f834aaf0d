// Tells what a kernel did wrong.
#pragma once

#include <string>

namespace shim {

// The kernel that runs from now on, and how many seconds it may take.
void begin_kernel(const std::string& name, unsigned seconds);

void end_kernel();

// Ends the process with the kernel's name and what was wrong.
[[noreturn]] void fail(const std::string& what);

// Where a call is in the sources, a line a function, the innermost first.
std::string place(const void* return_address);

}  // namespace shim
