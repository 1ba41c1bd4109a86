// SPDX-License-Identifier: MIT
// What somebody may have meant who mistyped a name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace taskrun {

/// How many characters must be inserted, removed, replaced or swapped with their neighbour.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The nearest name, or the one that `typed` begins; empty where none is near.
std::string nearest(std::string_view typed, const std::vector<std::string>& names);

/// "; did you mean 'sieve'?", or nothing.
std::string suggestion(std::string_view typed, const std::vector<std::string>& names);

}  // namespace taskrun
