// SPDX-License-Identifier: MIT
// A file that is there whole or not at all: written beside its place, then renamed. Devices and
// pipes are written as they are.
#pragma once

#include <filesystem>
#include <string_view>

namespace taskrun {

class ResultFile {
 public:
  /// Looks whether the file can be written, and leaves nothing behind. Throws Error (environment)
  /// that names the path and the reason.
  explicit ResultFile(std::filesystem::path path);

  /// Replaces what the path held. Throws Error (environment); the path then holds what it held.
  void write(std::string_view text) const;

 private:
  std::filesystem::path path_;
  bool in_place_ = false;  // no regular file: nothing to rename over
};

}  // namespace taskrun
