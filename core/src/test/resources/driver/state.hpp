// What the calls of the driver share. One thread at a time.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>

#include "process.hpp"
#include "stream.hpp"

namespace driver {

// The numbers of the driver's API for its answers.
enum Status {
  SUCCESS = 0,
  INVALID_VALUE = 1,
  OUT_OF_MEMORY = 2,
  NOT_INITIALIZED = 3,
  INVALID_IMAGE = 200,
  INVALID_CONTEXT = 201,
  NO_BINARY_FOR_GPU = 209,
  INVALID_HANDLE = 400,
  NOT_FOUND = 500,
  LAUNCH_FAILED = 719
};

constexpr size_t MEMORY = size_t(1) << 30;

// The primary context of the device, from the first retain to the last release.
struct Context {
  Process process;
  Stream stream;
  int streams = 0;  // all are one
  int pools = 0;    // as these are
  int events = 0;
  int modules = 0;
  std::map<uint64_t, size_t> allocations;  // their bytes, by their addresses
  size_t used = 0;                         // bytes, of those that wait for being freed too
  std::map<char*, size_t> pinned;          // bytes of the host's memory
  bool told = false;                       // in an exception, that a kernel failed
  int refusals = 0;

  // Whether the bytes lie in one allocation.
  bool holds(uint64_t address, size_t bytes) const;

  bool is_pinned(const void* address, size_t bytes) const;

  // Whether a kernel has failed.
  Status status() const { return process.broken() ? LAUNCH_FAILED : SUCCESS; }

  // Does what was asked for when asked() was so much.
  Status wait(uint64_t asked);

  // Does all that was asked for.
  Status finish() { return wait(stream.asked()); }
};

extern std::mutex mutex;
extern Context* context;  // null where nobody has retained it

// Says why it will not do a call, on standard error, and answers.
Status refuse(Status status, const char* what);

}  // namespace driver
