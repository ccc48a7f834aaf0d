#include "memory.hpp"

#include <sanitizer/asan_interface.h>
#include <sys/mman.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>

namespace shim {

namespace {

constexpr size_t PAGE = 4096;
constexpr size_t GAP = size_t(1) << 30;  // before and behind
constexpr size_t REMEMBERED = 256;       // allocations that were given back

std::map<void*, size_t> pages;
std::deque<void*> given_back;

void* require(void* mapped) {
  if (mapped == MAP_FAILED) {
    perror("taking device memory");
    exit(1);
  }
  return mapped;
}

void* map(void* at, size_t bytes, int protection, int flags) {
  return require(mmap(at, bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0));
}

}  // namespace

void* allocate(size_t bytes) {
  size_t whole = (bytes + PAGE - 1) / PAGE * PAGE;
  auto* gap = static_cast<char*>(map(nullptr, GAP + whole + GAP, PROT_NONE, MAP_NORESERVE));
  char* memory = gap + GAP;
  map(memory, whole, PROT_READ | PROT_WRITE, MAP_FIXED);
  ASAN_POISON_MEMORY_REGION(memory + bytes, whole - bytes);
  memset(memory, 0xff, bytes);
  pages[memory] = whole;
  return memory;
}

void give_back(void* memory) {
  size_t whole = pages.at(memory);
  ASAN_UNPOISON_MEMORY_REGION(memory, whole);
  map(memory, whole, PROT_NONE, MAP_FIXED | MAP_NORESERVE);
  given_back.push_back(memory);
  if (given_back.size() > REMEMBERED) {
    auto* oldest = static_cast<char*>(given_back.front());
    given_back.pop_front();
    munmap(oldest - GAP, GAP + pages.at(oldest) + GAP);
    pages.erase(oldest);
  }
}

}  // namespace shim
