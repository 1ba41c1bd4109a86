// SPDX-License-Identifier: MIT
// The account of a run for programs. The keys carry their units and stay what they are.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "taskrun/events/account.hpp"

namespace taskrun {

/// Everything but the failed chunks.
nlohmann::json account_json(const Account& account);

/// The failed chunks, a list: chunk, first_item, last_item (all from 1),
/// attempts, error.
nlohmann::json failed_json(const Account& account);

}  // namespace taskrun
