// Runs a kernel, block by block.
#pragma once

#include <string>
#include <vector>

#include "shim.hpp"

namespace shim {

struct Launch {
  std::string kernel;
  Index grid;
  unsigned threads;
  size_t shared_bytes;
  std::vector<uint64_t> arguments;
};

struct Settings {
  // The fibers take their turns from the last to the first, which shows a barrier that is missing
  // between warps.
  bool backwards;
  unsigned seconds;  // that a launch may take
};

void run(const Launch& launch, const Settings& settings);

}  // namespace shim
