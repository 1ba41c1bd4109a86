// SPDX-License-Identifier: MIT
#include "exec/interpreter.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <optional>

#include "taskrun/os/system_failure.hpp"

namespace taskrun {
namespace {

// No kernel looks further for the end of the first line.
constexpr std::size_t most_interpreter_bytes = 4096;

// The first line of a script that says what runs it, without "#!".
std::optional<std::string> first_line(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text(most_interpreter_bytes, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (!text.starts_with("#!")) return std::nullopt;
  return text.substr(2, text.find('\n') - 2);
}

std::string interpreter_in(const std::string& line) {
  const auto begin = std::min(line.find_first_not_of(" \t"), line.size());
  return line.substr(begin, line.find_first_of(" \t", begin) - begin);
}

bool is_there(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0;
}

}  // namespace

std::string why_not_started(const std::string& path, int error) {
  const std::string words = system_reason(error);
  if ((error != ENOENT && error != EACCES) || !is_there(path)) return words;
  const auto line = first_line(path);
  if (!line) {
    return error == ENOENT ? "it was built for another system: the loader that it names is missing"
                           : words;
  }
  std::string interpreter = interpreter_in(*line);
  if (interpreter.ends_with('\r')) {
    interpreter.pop_back();
    return "its lines end with CR LF, so its interpreter would be '" + interpreter +
           "\\r', which is missing; convert it, for instance with dos2unix";
  }
  if (!is_there(interpreter)) return "its interpreter " + interpreter + " is missing";
  if (access(interpreter.c_str(), X_OK) != 0) {
    return "its interpreter " + interpreter + " may not be executed";
  }
  return words;
}

}  // namespace taskrun
