// SPDX-License-Identifier: MIT
// The account of a run, told to people: a paragraph, and advice where something is worth changing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "taskrun/events/account.hpp"

namespace taskrun {

/// A few lines, the following ones indented; no line end at the end.
std::string account_paragraph(const Account& account);

/// One line: the one change that would help most, if any would. `core_count` is how many cores the
/// ranks on rank 0's host may use together; 0: not known.
std::optional<std::string> advice(const Account& account, std::uint32_t core_count);

/// The slots on rank 0's host.
std::uint32_t local_slot_count(const Account& account);

}  // namespace taskrun
