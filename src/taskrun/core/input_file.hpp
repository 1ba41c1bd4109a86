// SPDX-License-Identifier: MIT
// What a dataset reads, as a journal knows it again: a run is resumed with the same input only.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

namespace taskrun {

struct InputFile {
  /// A file, which can be looked at again. Not explicit: a dataset may name its paths alone.
  InputFile(std::filesystem::path path) : name(std::move(path)) {}
  /// What came otherwise, such as stdin, with a checksum of all of it.
  InputFile(std::string what, std::uint64_t content_checksum)
      : name(std::move(what)), content(content_checksum) {}

  std::filesystem::path name;
  std::optional<std::uint64_t> content;
};

}  // namespace taskrun
