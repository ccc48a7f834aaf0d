// The kernels by their names. A kernel's arguments arrive as eight bytes each.
#pragma once

#include <cstdint>
#include <cstring>
#include <functional>
#include <string>
#include <utility>

namespace shim {

struct Kernel {
  unsigned arguments;
  unsigned most_threads;
  std::function<void(const uint64_t*)> run;
};

// The kernel of a name, to which its first mention adds it.
Kernel& kernel(const std::string& name);

// Null if nobody registered it.
const Kernel* registered_kernel(const std::string& name);

template <class T>
T argument(uint64_t bits) {
  T value;
  static_assert(sizeof(T) <= sizeof bits, "an argument of at most 64 bits");
  memcpy(&value, &bits, sizeof value);
  return value;
}

template <class... T, size_t... I>
void call(void (*kernel)(T...), const uint64_t* bits, std::index_sequence<I...>) {
  kernel(argument<T>(bits[I])...);
}

struct Registration {
  template <class... T>
  Registration(const char* name, void (*code)(T...)) {
    kernel(name) = {sizeof...(T), 1024, [code](const uint64_t* bits) {
      call(code, bits, std::index_sequence_for<T...>{});
    }};
  }
};

struct Bound {
  Bound(const char* name, unsigned threads) { kernel(name).most_threads = threads; }
};

}  // namespace shim

#define REGISTER(kernel) static shim::Registration kernel##_is_registered(#kernel, kernel);

// What __launch_bounds__ says, after REGISTER.
#define BOUND(kernel, threads) static shim::Bound kernel##_is_bounded(#kernel, threads);
