// SPDX-License-Identifier: MIT
// Files without a name, which are gone with their last descriptor, whatever happens.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "taskrun/os/descriptor.hpp"

namespace taskrun {

/// Empty, in the folder for temporary files, for reading and writing. Throws Error (environment).
Descriptor unnamed_file();

/// The same file once more, read from there on. Throws Error (environment).
Descriptor reopened(const Descriptor& file, std::uint64_t offset = 0);

/// Throws Error (environment) where the disk does not take it.
void append(const Descriptor& file, std::string_view bytes);

/// The offset of the first byte in which two files differ. Throws Error (environment).
std::optional<std::uint64_t> first_difference(const Descriptor& a, const Descriptor& b);

}  // namespace taskrun
