// SPDX-License-Identifier: MIT
// A folder that an option names, and that must be there.
#pragma once

#include <sys/stat.h>

#include <cerrno>
#include <string>

#include "taskrun/core/error.hpp"
#include "taskrun/os/system_failure.hpp"

namespace taskrun {

/// Throws Error (usage) where it is none, or cannot be looked at.
inline void require_folder(const std::string& option, const std::string& folder) {
  struct stat status {};
  const bool is_there = stat(folder.c_str(), &status) == 0;
  if (is_there && S_ISDIR(status.st_mode)) return;
  const bool is_missing = is_there || errno == ENOENT || errno == ENOTDIR;
  throw usage_error(option + " " + folder + ": " +
                    (is_missing ? "there is no such folder; make it first" : system_reason(errno)));
}

}  // namespace taskrun
