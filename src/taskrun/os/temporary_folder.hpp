// SPDX-License-Identifier: MIT
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

#include "taskrun/core/error.hpp"

namespace taskrun {

/// Where files go that live no longer than a run. Throws Error (environment).
inline std::filesystem::path temporary_folder() {
  std::error_code error;
  const auto folder = std::filesystem::temp_directory_path(error);
  if (!error) return folder;
  const char* const set = std::getenv("TMPDIR");
  throw environment_error("cannot use " + std::string(set == nullptr ? "/tmp" : set) +
                          " for temporary files: " + error.message() +
                          "; set TMPDIR to a folder that may be written to");
}

}  // namespace taskrun
