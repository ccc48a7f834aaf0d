#include "kernels.hpp"

#include <map>

namespace shim {

namespace {

std::map<std::string, Kernel>& all() {
  static std::map<std::string, Kernel> kernels;
  return kernels;
}

}  // namespace

Kernel& kernel(const std::string& name) { return all()[name]; }

const Kernel* registered_kernel(const std::string& name) {
  auto found = all().find(name);
  return found == all().end() ? nullptr : &found->second;
}

}  // namespace shim
