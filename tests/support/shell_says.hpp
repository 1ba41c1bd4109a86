// SPDX-License-Identifier: MIT
// What another program says of a text.
#pragma once

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include "scratch_folder.hpp"

namespace taskrun::testing {

inline bool is_there(const std::string& program) {
  return std::system(("command -v " + program + " >/dev/null").c_str()) == 0;
}

/// Both streams of the command, given the text as a file, and a line with its exit code.
inline std::string said_by(const std::string& command, const std::string& text) {
  const ScratchFolder folder;
  const std::string path = folder.file("text");
  std::ofstream(path) << text;
  FILE* const out = popen(("timeout 30 " + command + " " + path + " 2>&1; echo $?").c_str(), "r");
  std::string said;
  std::array<char, 4096> buffer;
  for (std::size_t count; (count = fread(buffer.data(), 1, buffer.size(), out)) > 0;) {
    said.append(buffer.data(), count);
  }
  pclose(out);
  return said;
}

}  // namespace taskrun::testing
