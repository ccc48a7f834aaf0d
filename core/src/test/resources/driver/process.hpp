// The process in which the kernels run: the shim's server, which SERVER names, with SANITIZER the
// options of its sanitizer and SECONDS what a kernel may take.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdio>

namespace driver {

class Process {
 public:
  // Returns whether it runs.
  bool start();

  // Returns whether it ended well.
  bool end();

  // Whether it has broken off.
  bool broken() const { return broken_; }

  void send(const void* bytes, size_t count);

  template <class T>
  void send(T value) {
    send(&value, sizeof value);
  }

  void receive(void* bytes, size_t count);

  // Waits until all that was sent is done.
  void wait();

 private:
  pid_t process_ = 0;
  FILE* commands_ = nullptr;
  FILE* answers_ = nullptr;
  bool broken_ = false;
};

}  // namespace driver
