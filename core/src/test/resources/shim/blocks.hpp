// Runs a registered kernel, block by block.
#pragma once

#include <string>
#include <vector>

#include "shim.hpp"

namespace shim {

// Backwards, the fibers take their turns from the last to the first, which shows a barrier that is
// missing between warps.
void launch(
    const std::string& name, Index grid, unsigned threads, size_t shared_bytes,
    const std::vector<uint64_t>& arguments, bool backwards);

}  // namespace shim
