// A device in a process of its own: takes commands from standard input and answers on standard
// output, little-endian. What the sanitizer finds ends the process and stands in its error output.
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "blocks.hpp"
#include "common.cuh"
#include "memory.hpp"

namespace {

template <class T>
T take() {
  T value;
  if (fread(&value, sizeof value, 1, stdin) != 1) {
    exit(0);
  }
  return value;
}

void take(void* target, size_t bytes) {
  if (bytes > 0 && fread(target, bytes, 1, stdin) != 1) {
    exit(0);
  }
}

std::string take_text() {
  std::string text(take<uint32_t>(), ' ');
  take(&text[0], text.size());
  return text;
}

void answer(const void* bytes, size_t count) {
  if (count > 0) {
    fwrite(bytes, 1, count, stdout);
  }
  fflush(stdout);
}

void allocate() {
  auto bytes = take<uint64_t>();
  auto address = reinterpret_cast<uint64_t>(shim::allocate(bytes));
  answer(&address, sizeof address);
}

// Of nothing, a vector has no address.
void copy(void* target, const void* source, size_t bytes) {
  if (bytes > 0) {
    memcpy(target, source, bytes);  // checked by the sanitizer
  }
}

void write() {
  auto* target = reinterpret_cast<char*>(take<uint64_t>());
  std::vector<char> bytes(take<uint64_t>());
  take(bytes.data(), bytes.size());
  copy(target, bytes.data(), bytes.size());
}

void read() {
  auto* source = reinterpret_cast<const char*>(take<uint64_t>());
  std::vector<char> bytes(take<uint64_t>());
  copy(bytes.data(), source, bytes.size());
  answer(bytes.data(), bytes.size());
}

void launch(const shim::Settings& settings) {
  shim::Launch launch;
  launch.kernel = take_text();
  launch.grid.x = take<uint32_t>();
  launch.grid.y = take<uint32_t>();
  launch.grid.z = take<uint32_t>();
  launch.threads = take<uint32_t>();
  launch.shared_bytes = take<uint32_t>();
  launch.arguments.resize(take<uint32_t>());
  for (uint64_t& argument : launch.arguments) {
    argument = take<uint64_t>();
  }
  shim::run(launch, settings);
}

struct Operand {
  uint64_t address = take<uint64_t>();
  uint32_t stride = take<uint32_t>();
  bool bf16 = take<uint8_t>() != 0;
  bool transposed = take<uint8_t>() != 0;

  float at(size_t row, size_t column) const {
    size_t index = transposed ? column * stride + row : row * stride + column;
    return bf16 ? from_bf16(reinterpret_cast<const uint16_t*>(address)[index])
                : reinterpret_cast<const float*>(address)[index];
  }

  void put(size_t row, size_t column, float value) const {
    size_t index = row * stride + column;
    if (bf16) {
      reinterpret_cast<uint16_t*>(address)[index] = to_bf16(value);
    } else {
      reinterpret_cast<float*>(address)[index] = value;
    }
  }
};

// The product that a real device leaves to cuBLAS.
void multiply() {
  size_t rows = take<uint32_t>(), columns = take<uint32_t>(), inner = take<uint32_t>();
  float alpha = take<float>(), beta = take<float>();
  Operand a, b, c;
  std::vector<float> packed(inner * columns);  // b, a column after the other
  for (size_t k = 0; k < inner; k++) {
    for (size_t column = 0; column < columns; column++) {
      packed[column * inner + k] = b.at(k, column);
    }
  }
  std::vector<float> line(inner);
  for (size_t row = 0; row < rows; row++) {
    for (size_t k = 0; k < inner; k++) {
      line[k] = a.at(row, k);
    }
    for (size_t column = 0; column < columns; column++) {
      const float* other = packed.data() + column * inner;
      float sums[4] = {};
      for (size_t k = 0; k < inner; k++) {
        sums[k % 4] += line[k] * other[k];
      }
      float product = alpha * (sums[0] + sums[1] + (sums[2] + sums[3]));
      c.put(row, column, beta == 0 ? product : product + beta * c.at(row, column));
    }
  }
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) {
    fprintf(stderr, "which way, and how many seconds a launch may take?\n");
    return 1;
  }
  shim::Settings settings{
      std::string(arguments[1]) == "backwards", unsigned(atoi(arguments[2]))};
  for (;;) {
    switch (take<uint8_t>()) {
      case 'a': allocate(); break;
      case 'f': shim::give_back(reinterpret_cast<void*>(take<uint64_t>())); break;
      case 'w': write(); break;
      case 'r': read(); break;
      case 'l': launch(settings); break;
      case 'm': multiply(); break;
      case 's': answer("s", 1); break;
      default: fprintf(stderr, "an unknown command\n"); return 1;
    }
  }
}
