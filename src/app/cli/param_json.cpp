// SPDX-License-Identifier: MIT
#include "app/cli/param_json.hpp"

#include <algorithm>

#include "taskrun/job/number.hpp"

namespace taskrun {

using nlohmann::json;

namespace {

// Who reads a journal of others does not know what is in it.
json list_json(const std::string& list, const std::string& text) {
  json read = json::parse(list, nullptr, false);
  const auto is_flat = [](const json& value) { return value.is_primitive(); };
  return read.is_array() && std::all_of(read.begin(), read.end(), is_flat) ? read : json(text);
}

}  // namespace

json param_json(const Param& param, const std::string& text) {
  if (param.is_flag()) return text == "yes";
  // Lists are written as JSON, or as numbers with commas between them.
  if (param.given != Param::Given::once) return list_json(text, text);
  if (param.value_name == "N,N") return list_json("[" + text + "]", text);
  if (param.value_name == "N" || param.value_name == "BYTES") {
    if (const auto count = parse_count(text)) return *count;
  }
  if (param.value_name == "X") {
    if (const auto real = parse_real(text)) return *real;
  }
  return text;
}

}  // namespace taskrun
