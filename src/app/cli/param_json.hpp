// SPDX-License-Identifier: MIT
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "taskrun/job/params.hpp"

namespace taskrun {

/// A parameter's value, which is given in canonical form, as the value it is: a number, a truth
/// value, a text, or a list of those.
nlohmann::json param_json(const Param& param, const std::string& text);

}  // namespace taskrun
