// The part of the driver's API that the backend calls, with one device whose kernels the shim runs.
// It is as strict as a driver may be: every call has to come from a thread that is in the context,
// copies are of pinned memory, and what is asked of the stream is done as late as possible.
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "cubin.hpp"
#include "state.hpp"

using namespace driver;

namespace {

// Attributes and flags by their numbers in the API.
constexpr int MAJOR = 75, MINOR = 76, ARCHITECTURE = 90;
constexpr unsigned NON_BLOCKING = 1, DISABLE_TIMING = 2;
constexpr int RELEASE_THRESHOLD = 4;
constexpr int MAX_DYNAMIC_SHARED = 8;

constexpr size_t PROPERTIES = 88;              // bytes of the properties of a pool
constexpr int PINNED = 1, DEVICE_LOCATION = 1;  // which begin so, with no handles and device 0
constexpr int MOST_SHARED = 227 << 10;

struct Event {
  uint64_t asked = 0;
};

struct Module {
  std::map<std::string, Function> functions;
};

bool initialized;
int users;
char a_context, a_stream, a_pool;  // the handles are their addresses
thread_local std::vector<void*> entered_contexts;

// For calls that need the context: holds the lock, and answers where it cannot go on.
#define ENTER                                  \
  std::lock_guard<std::mutex> guard(mutex);    \
  if (Status status = entered(__func__)) {     \
    return status;                             \
  }

#define REQUIRE(condition, status)      \
  if (!(condition)) {                   \
    return refuse(status, __func__);    \
  }

Status entered(const char* call) {
  if (!initialized) {
    return refuse(NOT_INITIALIZED, call);
  }
  if (context == nullptr || entered_contexts.empty() || entered_contexts.back() != &a_context) {
    return refuse(INVALID_CONTEXT, call);
  }
  return context->status();
}

bool is_stream(void* stream) { return stream == &a_stream && context->streams > 0; }

bool is_pool(void* pool) { return pool == &a_pool && context->pools > 0; }

// No test passes that leaves something behind, that asked for what was refused, whatever it made of
// the answer, or whose kernels failed without an exception.
void end(Context& context) {
  bool well = context.process.end() || context.told;
  bool empty = context.told
      || (context.streams == 0 && context.pools == 0 && context.events == 0 && context.modules == 0
          && context.allocations.empty() && context.pinned.empty() && context.stream.is_idle());
  if (!well || !empty || context.refusals > 0) {
    fprintf(stderr, "the driver's stand-in: %s, %s, %d refusals\n",
        well ? "kernels ran" : "a kernel failed", empty ? "nothing is left" : "something is left",
        context.refusals);
    abort();
  }
}

}  // namespace

extern "C" {

Status cuInit(unsigned) {
  initialized = true;
  return SUCCESS;
}

Status cuDriverGetVersion(int* version) {
  *version = 13000;
  return SUCCESS;
}

// NVRTC asks for what is in no manual, and does without.
Status cuGetExportTable(const void**, const void*) { return NOT_FOUND; }

Status cuGetErrorName(Status status, const char** name) {
  static const std::map<Status, const char*> names{
      {SUCCESS, "CUDA_SUCCESS"},
      {INVALID_VALUE, "CUDA_ERROR_INVALID_VALUE"},
      {OUT_OF_MEMORY, "CUDA_ERROR_OUT_OF_MEMORY"},
      {NOT_INITIALIZED, "CUDA_ERROR_NOT_INITIALIZED"},
      {INVALID_IMAGE, "CUDA_ERROR_INVALID_IMAGE"},
      {NO_BINARY_FOR_GPU, "CUDA_ERROR_NO_BINARY_FOR_GPU"},
      {INVALID_CONTEXT, "CUDA_ERROR_INVALID_CONTEXT"},
      {INVALID_HANDLE, "CUDA_ERROR_INVALID_HANDLE"},
      {NOT_FOUND, "CUDA_ERROR_NOT_FOUND"},
      {LAUNCH_FAILED, "CUDA_ERROR_LAUNCH_FAILED"}};
  auto known = names.find(status);
  *name = known == names.end() ? nullptr : known->second;
  return *name == nullptr ? INVALID_VALUE : SUCCESS;
}

Status cuDeviceGetCount(int* count) {
  REQUIRE(initialized, NOT_INITIALIZED);
  *count = 1;
  return SUCCESS;
}

Status cuDeviceGetAttribute(int* value, int attribute, int device) {
  REQUIRE(device == 0 && (attribute == MAJOR || attribute == MINOR), INVALID_VALUE);
  *value = attribute == MAJOR ? ARCHITECTURE / 10 : ARCHITECTURE % 10;
  return SUCCESS;
}

Status cuDeviceGetName(char* name, int length, int device) {
  REQUIRE(device == 0, INVALID_VALUE);
  snprintf(name, length, "Stand-in");
  return SUCCESS;
}

Status cuDevicePrimaryCtxRetain(void** result, int device) {
  std::lock_guard<std::mutex> guard(mutex);
  REQUIRE(initialized, NOT_INITIALIZED);
  REQUIRE(device == 0, INVALID_VALUE);
  if (users == 0) {
    context = new Context;
    REQUIRE(context->process.start(), LAUNCH_FAILED);
  }
  users++;
  *result = &a_context;
  return SUCCESS;
}

Status cuDevicePrimaryCtxRelease_v2(int device) {
  std::lock_guard<std::mutex> guard(mutex);
  REQUIRE(device == 0 && users > 0, INVALID_VALUE);
  if (--users == 0) {
    end(*context);
    delete context;
    context = nullptr;
  }
  return SUCCESS;
}

Status cuCtxPushCurrent_v2(void* entered) {
  REQUIRE(entered == &a_context && context != nullptr, INVALID_CONTEXT);
  entered_contexts.push_back(entered);
  return SUCCESS;
}

Status cuCtxPopCurrent_v2(void** left) {
  REQUIRE(!entered_contexts.empty(), INVALID_CONTEXT);
  *left = entered_contexts.back();
  entered_contexts.pop_back();
  return SUCCESS;
}

// The backend asks for this where it makes an exception of an answer, and nowhere else.
Status cuCtxSynchronize() {
  std::lock_guard<std::mutex> guard(mutex);
  Status status = entered(__func__);
  if (status == SUCCESS) {
    status = context->finish();
  }
  if (status == LAUNCH_FAILED) {
    context->told = true;
  }
  return status;
}

Status cuMemGetInfo_v2(size_t* free, size_t* total) {
  ENTER
  *free = MEMORY - context->used;
  *total = MEMORY;
  return SUCCESS;
}

Status cuStreamCreate(void** stream, unsigned flags) {
  ENTER
  REQUIRE(flags == NON_BLOCKING, INVALID_VALUE);
  context->streams++;
  *stream = &a_stream;
  return SUCCESS;
}

Status cuStreamSynchronize(void* stream) {
  ENTER
  REQUIRE(is_stream(stream), INVALID_HANDLE);
  return context->finish();
}

Status cuStreamDestroy_v2(void* stream) {
  ENTER
  REQUIRE(is_stream(stream), INVALID_HANDLE);
  context->streams--;
  return context->finish();
}

Status cuEventCreate(Event** event, unsigned flags) {
  ENTER
  REQUIRE(flags == DISABLE_TIMING, INVALID_VALUE);
  context->events++;
  *event = new Event;
  return SUCCESS;
}

Status cuEventRecord(Event* event, void* stream) {
  ENTER
  REQUIRE(is_stream(stream), INVALID_HANDLE);
  event->asked = context->stream.asked();
  return SUCCESS;
}

Status cuEventSynchronize(Event* event) {
  ENTER
  return context->wait(event->asked);
}

Status cuEventDestroy_v2(Event* event) {
  ENTER
  context->events--;
  delete event;
  return SUCCESS;
}

Status cuMemHostAlloc(void** memory, size_t bytes, unsigned flags) {
  ENTER
  REQUIRE(flags == 0, INVALID_VALUE);
  *memory = malloc(bytes);
  context->pinned[static_cast<char*>(*memory)] = bytes;
  return SUCCESS;
}

Status cuMemFreeHost(void* memory) {
  ENTER
  Status status = context->finish();
  REQUIRE(context->pinned.erase(static_cast<char*>(memory)) == 1, INVALID_VALUE);
  free(memory);
  return status;
}

Status cuMemPoolCreate(void** pool, const void* properties) {
  ENTER
  char expected[PROPERTIES] = {};
  const int begin[] = {PINNED, 0, DEVICE_LOCATION, 0};
  memcpy(expected, begin, sizeof begin);
  REQUIRE(memcmp(properties, expected, PROPERTIES) == 0, INVALID_VALUE);
  context->pools++;
  *pool = &a_pool;
  return SUCCESS;
}

Status cuMemPoolSetAttribute(void* pool, int attribute, const uint64_t* value) {
  ENTER
  REQUIRE(is_pool(pool), INVALID_HANDLE);
  REQUIRE(attribute == RELEASE_THRESHOLD && *value == UINT64_MAX, INVALID_VALUE);
  return SUCCESS;
}

Status cuMemPoolTrimTo(void* pool, size_t) {
  ENTER
  REQUIRE(is_pool(pool), INVALID_HANDLE);
  return SUCCESS;
}

Status cuMemPoolDestroy(void* pool) {
  ENTER
  REQUIRE(is_pool(pool), INVALID_HANDLE);
  context->pools--;
  return SUCCESS;
}

Status cuMemAllocFromPoolAsync(uint64_t* address, size_t bytes, void* pool, void* stream) {
  ENTER
  REQUIRE(is_pool(pool) && is_stream(stream), INVALID_HANDLE);
  REQUIRE(bytes > 0, INVALID_VALUE);
  if (bytes > MEMORY - context->used) {
    return OUT_OF_MEMORY;
  }
  Process& process = context->process;
  process.send('a');
  process.send<uint64_t>(bytes);
  process.receive(address, sizeof *address);
  context->allocations[*address] = bytes;
  context->used += bytes;
  return context->status();
}

Status cuMemFreeAsync(uint64_t address, void* stream) {
  ENTER
  auto allocation = context->allocations.find(address);
  REQUIRE(is_stream(stream), INVALID_HANDLE);
  REQUIRE(allocation != context->allocations.end(), INVALID_VALUE);
  size_t bytes = allocation->second;
  context->allocations.erase(allocation);
  context->stream.add([=] {
    context->process.send('f');
    context->process.send(address);
    context->used -= bytes;
  });
  return SUCCESS;
}

Status cuMemcpyHtoDAsync_v2(uint64_t target, const void* source, size_t bytes, void* stream) {
  ENTER
  REQUIRE(is_stream(stream), INVALID_HANDLE);
  REQUIRE(context->holds(target, bytes) && context->is_pinned(source, bytes), INVALID_VALUE);
  context->stream.add([=] {
    context->process.send('w');
    context->process.send(target);
    context->process.send<uint64_t>(bytes);
    context->process.send(source, bytes);
  });
  return SUCCESS;
}

Status cuMemcpyDtoHAsync_v2(void* target, uint64_t source, size_t bytes, void* stream) {
  ENTER
  REQUIRE(is_stream(stream), INVALID_HANDLE);
  REQUIRE(context->holds(source, bytes) && context->is_pinned(target, bytes), INVALID_VALUE);
  context->stream.add([=] {
    context->process.send('r');
    context->process.send(source);
    context->process.send<uint64_t>(bytes);
    context->process.receive(target, bytes);
  });
  return SUCCESS;
}

Status cuModuleLoadData(Module** module, const char* image) {
  ENTER
  REQUIRE(is_machine_code(image), INVALID_IMAGE);
  REQUIRE(architecture(image) == ARCHITECTURE, NO_BINARY_FOR_GPU);
  auto functions = kernels(image);
  context->modules++;
  *module = new Module{functions};
  return SUCCESS;
}

Status cuModuleGetFunction(Function** function, Module* module, const char* name) {
  ENTER
  auto found = module->functions.find(name);
  REQUIRE(found != module->functions.end(), NOT_FOUND);
  *function = &found->second;
  return SUCCESS;
}

Status cuModuleUnload(Module* module) {
  ENTER
  context->modules--;
  delete module;
  return SUCCESS;
}

Status cuFuncSetAttribute(Function* function, int attribute, int value) {
  ENTER
  REQUIRE(attribute == MAX_DYNAMIC_SHARED && value <= MOST_SHARED, INVALID_VALUE);
  function->most_shared = value;
  return SUCCESS;
}

// Takes as many arguments as the machine code has parameters, of as many bytes each.
Status cuLaunchKernel(Function* function, unsigned x, unsigned y, unsigned z, unsigned threads,
    unsigned threads_y, unsigned threads_z, unsigned shared, void* stream, const void** arguments,
    void** extra) {
  ENTER
  REQUIRE(is_stream(stream), INVALID_HANDLE);
  REQUIRE(x > 0 && y > 0 && z > 0 && threads > 0 && threads <= 1024, INVALID_VALUE);
  REQUIRE(threads_y == 1 && threads_z == 1 && extra == nullptr, INVALID_VALUE);
  REQUIRE(shared <= function->most_shared, INVALID_VALUE);
  std::vector<uint64_t> values;
  for (size_t size : function->sizes) {
    REQUIRE(size <= sizeof(uint64_t), INVALID_VALUE);
    uint64_t value = 0;
    memcpy(&value, arguments[values.size()], size);
    values.push_back(value);
  }
  std::vector<uint32_t> numbers{x, y, z, threads, shared, uint32_t(values.size())};
  context->stream.add([name = function->name, numbers, values] {
    Process& process = context->process;
    process.send('l');
    process.send<uint32_t>(name.size());
    process.send(name.data(), name.size());
    process.send(numbers.data(), numbers.size() * sizeof(uint32_t));
    process.send(values.data(), values.size() * sizeof(uint64_t));
  });
  return SUCCESS;
}

// For cuBLAS: whether the bytes lie in one allocation.
int standin_holds(const void* address, size_t bytes) {
  std::lock_guard<std::mutex> guard(mutex);
  return context->holds(reinterpret_cast<uint64_t>(address), bytes);
}

// For cuBLAS: bytes of a product as the shim's server takes it.
Status standin_multiply(const void* product, size_t bytes, void* stream) {
  ENTER
  REQUIRE(is_stream(stream), INVALID_HANDLE);
  std::string command(static_cast<const char*>(product), bytes);
  context->stream.add([command] {
    context->process.send('m');
    context->process.send(command.data(), command.size());
  });
  return SUCCESS;
}

}  // extern "C"
