// SPDX-License-Identifier: MIT
// Where the program's file is, for starting it again.
#pragma once

#include <filesystem>
#include <string>

#include "taskrun/core/error.hpp"

namespace taskrun {

/// Throws Error (environment).
inline std::string this_program() {
  std::error_code failed;
  const auto path = std::filesystem::read_symlink("/proc/self/exe", failed);
  if (failed) throw environment_error("/proc/self/exe cannot be read, so nothing can be started");
  return path.string();
}

}  // namespace taskrun
