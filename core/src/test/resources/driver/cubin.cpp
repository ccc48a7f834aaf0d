#include "cubin.hpp"

#include <elf.h>

#include <cstring>

namespace driver {

namespace {

constexpr int GPU = 190;  // EM_CUDA
const std::string ABOUT_KERNEL = ".nv.info.";
constexpr uint8_t SIZED = 4;  // EIFMT_SVAL: two bytes say how many follow
// EIATTR_KPARAM_INFO: index, ordinal, offset, and the size above other things
constexpr uint8_t PARAMETER = 23;
constexpr int SIZE_BIT = 18;

template <class T>
T at(const char* bytes) {
  T value;
  memcpy(&value, bytes, sizeof value);
  return value;
}

std::vector<uint32_t> sizes(const char* from, const char* to) {
  std::map<uint16_t, uint32_t> by_ordinal;
  while (from < to) {
    auto format = at<uint8_t>(from), attribute = at<uint8_t>(from + 1);
    if (format == SIZED && attribute == PARAMETER) {
      by_ordinal[at<uint16_t>(from + 8)] = at<uint32_t>(from + 12) >> SIZE_BIT;
    }
    from += 4 + (format == SIZED ? at<uint16_t>(from + 2) : 0);
  }
  std::vector<uint32_t> sizes;
  for (auto& parameter : by_ordinal) {
    sizes.push_back(parameter.second);
  }
  return sizes;
}

}  // namespace

bool is_machine_code(const char* image) {
  auto header = at<Elf64_Ehdr>(image);
  return memcmp(header.e_ident, ELFMAG, SELFMAG) == 0 && header.e_machine == GPU;
}

int architecture(const char* image) { return at<Elf64_Ehdr>(image).e_flags >> 8 & 0xff; }

std::map<std::string, Function> kernels(const char* image) {
  std::map<std::string, Function> kernels;
  auto header = at<Elf64_Ehdr>(image);
  auto section = [&](int i) { return at<Elf64_Shdr>(image + header.e_shoff + i * sizeof(Elf64_Shdr)); };
  const char* names = image + section(header.e_shstrndx).sh_offset;
  for (int i = 0; i < header.e_shnum; i++) {
    std::string name = names + section(i).sh_name;
    if (name.rfind(ABOUT_KERNEL, 0) == 0) {
      std::string kernel = name.substr(ABOUT_KERNEL.size());
      const char* from = image + section(i).sh_offset;
      kernels[kernel] = {kernel, sizes(from, from + section(i).sh_size)};
    }
  }
  return kernels;
}

}  // namespace driver
