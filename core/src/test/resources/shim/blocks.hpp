// Runs a registered kernel, block by block.
#pragma once

#include <cstdio>
#include <vector>

#include "shim.hpp"

namespace shim {

// Returns what is wrong, or nothing. Backwards, the fibers take their turns from the last to the
// first, which shows a barrier that is missing between warps.
std::string launch(
    const std::string& name, Index grid, unsigned threads, size_t shared_bytes,
    const std::vector<uint64_t>& arguments, bool backwards);

}  // namespace shim
