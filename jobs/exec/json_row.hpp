// SPDX-License-Identifier: MIT
// A line that is a JSON object, as texts of its fields.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace taskrun {

/// The fields in their order; of equal names the last one counts. A text is as it is, null is
/// empty, numbers have the digits that they came with, and anything else is JSON without spaces.
struct JsonRow {
  std::vector<std::pair<std::string, std::string>> fields;

  const std::string* find(std::string_view name) const;
};

/// Throws Error (usage) for what is no object, or is nested deeper than anybody nests.
JsonRow read_json_row(std::string_view line);

}  // namespace taskrun
