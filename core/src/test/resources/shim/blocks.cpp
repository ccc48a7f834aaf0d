// The scheduler of shim.hpp: fibers, barriers and exchanges.
#include "blocks.hpp"

#include <memory>
#include <vector>

#include "failure.hpp"
#include "kernels.hpp"

namespace shim {

Index thread_index, block_index, block_size, grid_size;

namespace {

constexpr size_t STACK = 256 * 1024;

// A place where a number of fibers meet: who comes waits until the generation changes.
struct Gate {
  int here = 0;
  long generation = 0;
  const void* call = nullptr;  // by which the first of them came
};

struct Fiber {
  std::unique_ptr<char[]> stack{new char[STACK]};
  void* at = nullptr;
  Index index{};
  bool done = false;
  const Gate* gate = nullptr;
  long seen = 0;
};

struct Warp {
  Gate gate;
  uint64_t values[2][32];  // in turns: nobody comes a second time before all have read
};

std::vector<Fiber> fibers;
std::vector<Warp> warps;
Gate barrier;
int alive;
int current;
void* scheduler;
const Kernel* running;
const uint64_t* running_arguments;

extern "C" void shim_switch(void** from, void* to);

// Saves what a call must preserve, and takes over the other's stack.
asm(R"(
.text
.globl shim_switch
shim_switch:
  push %rbp
  push %rbx
  push %r12
  push %r13
  push %r14
  push %r15
  mov %rsp, (%rdi)
  mov %rsi, %rsp
  pop %r15
  pop %r14
  pop %r13
  pop %r12
  pop %rbx
  pop %rbp
  ret
)");

void wait(Gate& gate, int expected, const void* call) {
  Fiber& self = fibers[current];
  if (gate.here == 0) {
    gate.call = call;
  } else if (gate.call != call) {
    fail("threads meet that came by different calls, one by" + place(gate.call)
        + "the other by" + place(call));
  }
  self.seen = gate.generation;
  if (++gate.here == expected) {
    gate.here = 0;
    gate.generation++;
    return;
  }
  self.gate = &gate;
  shim_switch(&self.at, scheduler);
}

// Returns what all lanes of the warp hand in.
const uint64_t* hand_in(uint64_t mine, const void* call) {
  Warp& warp = warps[current / 32];
  uint64_t* values = warp.values[warp.gate.generation % 2];
  values[current % 32] = mine;
  wait(warp.gate, 32, call);
  return values;
}

// What every fiber starts with; it leaves by a switch, never by a return.
__attribute__((no_sanitize("address"))) void start() {
  running->run(running_arguments);
  expect_no_copies();
  Fiber& self = fibers[current];
  self.done = true;
  alive--;
  if (alive > 0 && barrier.here == alive) {
    barrier.here = 0;
    barrier.generation++;
  }
  shim_switch(&self.at, scheduler);
  abort();
}

void prepare(Fiber& fiber, unsigned thread) {
  fiber.done = false;
  fiber.gate = nullptr;
  fiber.index = {thread, 0, 0};
  auto top = reinterpret_cast<uintptr_t>(fiber.stack.get() + STACK) & ~uintptr_t(15);
  auto* stack = reinterpret_cast<uintptr_t*>(top);
  *--stack = 0;  // as if called: the stack is 16 bytes from aligned
  *--stack = reinterpret_cast<uintptr_t>(start);
  for (int saved = 0; saved < 6; saved++) {
    *--stack = 0;
  }
  fiber.at = stack;
}

// Lets a warp run as far as it gets without the others, so that it is as far ahead of them as a GPU
// may let it be. Returns whether it moved.
bool run_warp(int warp, bool backwards) {
  bool moved = false;
  for (bool again = true; again;) {
    again = false;
    for (int turn = 0; turn < 32; turn++) {
      current = 32 * warp + (backwards ? 31 - turn : turn);
      Fiber& fiber = fibers[current];
      if (fiber.done || (fiber.gate != nullptr && fiber.gate->generation == fiber.seen)) {
        continue;
      }
      again = moved = true;
      fiber.gate = nullptr;
      thread_index = fiber.index;
      shim_switch(&scheduler, fiber.at);
    }
  }
  return moved;
}

void run_block(bool backwards) {
  int threads = static_cast<int>(block_size.x);
  for (int i = 0; i < threads; i++) {
    prepare(fibers[i], i);
  }
  barrier = Gate();
  for (Warp& warp : warps) {
    warp.gate = Gate();
  }
  alive = threads;
  int all = static_cast<int>(warps.size());
  while (alive > 0) {
    bool moved = false;
    for (int turn = 0; turn < all; turn++) {
      moved |= run_warp(backwards ? all - 1 - turn : turn, backwards);
    }
    if (!moved) {
      fail("threads of a block wait for each other at different barriers");
    }
  }
}

}  // namespace

void block_barrier() { wait(barrier, alive, __builtin_return_address(0)); }

void exchange(uint64_t mine, uint64_t all[32]) {
  memcpy(all, hand_in(mine, __builtin_return_address(0)), 32 * sizeof mine);
}

uint64_t exchange(uint64_t mine, unsigned lane) {
  return hand_in(mine, __builtin_return_address(0))[lane];
}

namespace {

void check(const Launch& launch) {
  if (running == nullptr) {
    fail("there is no such kernel");
  }
  if (running->arguments != launch.arguments.size()) {
    fail(std::to_string(launch.arguments.size()) + " arguments instead of "
        + std::to_string(running->arguments));
  }
  if (launch.threads % 32 != 0 || launch.grid.y > 65535 || launch.grid.z > 65535) {
    fail("there can be no such grid");
  }
  if (launch.threads > running->most_threads) {
    fail(std::to_string(launch.threads) + " threads, more than the "
        + std::to_string(running->most_threads) + " that it is compiled for");
  }
}

}  // namespace

void run(const Launch& launch, const Settings& settings) {
  begin_kernel(launch.kernel, settings.seconds);
  running = registered_kernel(launch.kernel);
  check(launch);
  begin_shared(launch.shared_bytes);
  running_arguments = launch.arguments.data();
  Index grid = grid_size = launch.grid;
  block_size = {launch.threads, 1, 1};
  if (fibers.size() < launch.threads) {
    fibers.resize(launch.threads);
  }
  warps.resize(launch.threads / 32);
  bool backwards = settings.backwards;
  for (unsigned z = 0; z < grid.z; z++) {
    for (unsigned y = 0; y < grid.y; y++) {
      for (unsigned x = 0; x < grid.x; x++) {
        begin_shared_of_block();
        block_index = backwards ? Index{grid.x - 1 - x, grid.y - 1 - y, grid.z - 1 - z}
                                : Index{x, y, z};
        run_block(backwards);
      }
    }
  }
  end_kernel();
}

}  // namespace shim
