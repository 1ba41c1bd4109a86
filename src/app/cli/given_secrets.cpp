// SPDX-License-Identifier: MIT
#include "app/cli/given_secrets.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

namespace taskrun {
namespace {

using nlohmann::json;
using Words = std::vector<std::string>;

// Of an option or of arguments with that name.
Words masked(const std::string& name, const Words& words) {
  if (words.size() != 1) return without_secrets(words);
  return {without_secrets(name, words.front())};
}

// A list is JSON.
std::string masked_value(const Param& param, const std::string& value) {
  if (param.given != Param::Given::once) {
    const json list = json::parse(value, nullptr, false);
    const bool is_list =
        list.is_array() &&
        std::all_of(list.begin(), list.end(), [](const json& v) { return v.is_string(); });
    if (is_list) {
      const auto words = list.get<Words>();
      const Words shown = masked(param.name, words);
      return shown == words ? value
                            : json(shown).dump(-1, ' ', false, json::error_handler_t::replace);
    }
  }
  return without_secrets(param.name, value);
}

}  // namespace

std::vector<CommandLine::Given> shown_given(const std::vector<CommandLine::Given>& given,
                                            Secrets secrets) {
  if (secrets == Secrets::kept) return given;
  std::map<std::string, Words> words;
  for (const auto& [name, text] : given) words[name].push_back(text);
  for (auto& [name, texts] : words) texts = masked(name, texts);
  std::map<std::string, std::size_t> next;
  auto shown = given;
  for (auto& [name, text] : shown) text = words[name][next[name]++];
  return shown;
}

std::string shown_value(const Param& param, const std::string& value, Secrets secrets) {
  return secrets == Secrets::kept ? value : masked_value(param, value);
}

bool has_masked(const CommandLine& line) {
  const auto differs = [&](const std::vector<CommandLine::Given>& given) {
    const auto shown = shown_given(given, line.settings.secrets());
    for (std::size_t i = 0; i < given.size(); ++i) {
      if (shown[i].text != given[i].text) return true;
    }
    return false;
  };
  return differs(line.given) || differs(line.taken_up);
}

}  // namespace taskrun
