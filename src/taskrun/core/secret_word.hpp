// SPDX-License-Identifier: MIT
// Secrets within a word: in addresses and fields, tokens by their forms, quoted commands. For this
// folder's search for secrets only (secrets.hpp).
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "taskrun/core/secret_value.hpp"

namespace taskrun::secret_search {

/// Masks a text that stands in quotes within a word.
using MaskQuoted = std::function<std::string(std::string_view)>;

/// The word with its secrets masked; without `mask_quoted` quotes have no meaning of their own.
std::string masked_word(std::string_view word, Reads reads, const MaskQuoted& mask_quoted);

}  // namespace taskrun::secret_search
