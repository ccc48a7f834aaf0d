// The kernels in machine code.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace driver {

struct Function {
  std::string name;
  std::vector<uint32_t> sizes;      // of its parameters, in bytes
  uint32_t most_shared = 48 << 10;  // bytes of dynamic shared memory that a launch may have
};

bool is_machine_code(const char* image);

// Returns the compute capability that it is for, times ten.
int architecture(const char* image);

// Returns the kernels by their names.
std::map<std::string, Function> kernels(const char* image);

}  // namespace driver
