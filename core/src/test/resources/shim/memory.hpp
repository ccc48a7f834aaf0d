// The memory of the device. Each allocation lies alone within a stretch of addresses that nobody may
// use, so that an access far beyond its ends ends the process as one close by does; so does an
// access to what was given back.
#pragma once

#include <cstddef>

namespace shim {

// Holds NaN.
void* allocate(size_t bytes);

void give_back(void* memory);

}  // namespace shim
